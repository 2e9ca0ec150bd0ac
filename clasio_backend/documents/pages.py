"""A document as its pages: pictures, words and sizes, made of the original by a limited child process, never its bytes.

Each is made once and kept, encrypted; the first ones before anybody asks.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from uuid import UUID

from clasio_backend.core.errors import Conflict, NotFound
from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobKind, enqueue, finish
from clasio_backend.core.scope import Permission, Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.errors import PageNotFound
from clasio_backend.documents.opening import is_open, require_open
from clasio_backend.documents.reading import Limits, Unreadable, read_outline, read_words, render_page
from clasio_backend.documents.renderings import Wanted, is_kept, kept_or_made, remove_of_document
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.models import Document
from clasio_backend.models.renderings import RenderingKind


class PageSize(StrEnum):
    PAGE = "page"
    THUMBNAIL = "thumbnail"


_WIDTH_PX = {RenderingKind.PAGE: 1240, RenderingKind.THUMBNAIL: 320}
_LIMITS = Limits(cpu_seconds=15, wall_seconds=20.0)  # somebody waits for it
_HOW = 1  # how pages are drawn, raised when that changes
PICTURES_ONLY = frozenset({"no_text", "ocr_missing"})
"""Why a file was not read although its pages can be drawn."""
_NO_PAGE = 0
"""Where what belongs to the whole document is kept."""
_AHEAD = (
    (1, RenderingKind.THUMBNAIL),
    (_NO_PAGE, RenderingKind.OUTLINE),
    (1, RenderingKind.PAGE),
    (1, RenderingKind.WORDS),
    (2, RenderingKind.PAGE),
    (3, RenderingKind.PAGE),
)
"""What is drawn before anybody asks: the list's picture, and what a person sees first."""
_AFTER_EVERYTHING = 200
"""Of the jobs of its queue."""


@dataclass(frozen=True, slots=True)
class PageSource:
    """What a picture is drawn from, or words and sizes are read from."""

    organization_id: UUID
    document_id: UUID
    sha256: str
    mime_type: str
    number: int
    kind: RenderingKind

    @property
    def version(self) -> str:
        """The same for as long as what is made is."""
        return f"{self.sha256[:32]}-{self.number}-{self.kind}-{_HOW}"

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.organization_id, self.document_id, self.number, self.kind, self.version)


def open_page(uow: UnitOfWork, document_id: UUID, number: int, size: PageSize = PageSize.PAGE) -> PageSource:
    """Page `number`, from 1. The picture comes from `rendering_of`, after this step.

    Raises as `require_open`, and `PageNotFound` where it is plain that there is no such page.
    """
    return _open(uow, document_id, number, RenderingKind(size))


def open_words(uow: UnitOfWork, document_id: UUID, number: int) -> PageSource:
    """The words of a page and their places, as JSON by `rendering_of`; otherwise as `open_page`."""
    return _open(uow, document_id, number, RenderingKind.WORDS)


def open_outline(uow: UnitOfWork, document_id: UUID) -> PageSource:
    """The sizes of all pages, as JSON by `rendering_of`; otherwise as `open_page`."""
    return _open(uow, document_id, _NO_PAGE, RenderingKind.OUTLINE)


def _open(uow: UnitOfWork, document_id: UUID, number: int, kind: RenderingKind) -> PageSource:
    uow.scope.require(Permission.READ_DOCUMENTS, "document")
    document = uow.repository(DocumentRepository).get(document_id)
    require_open(document, uow.scope)
    if not can_be_drawn(document.mime_type) or (document.page_count is not None and number > document.page_count):
        raise PageNotFound
    return PageSource(document.organization_id, document.id, document.sha256, document.mime_type, number, kind)


def can_be_drawn(mime_type: str) -> bool:
    """Whether there are pictures of its pages; other formats are shown as text."""
    return mime_type == "application/pdf" or mime_type.startswith("image/")


def has_picture(document: Document) -> bool:
    """Whether its first page can be asked for: it is open, and what reads it got through it."""
    got_through = document.searchable_at is not None or document.error_code in PICTURES_ONLY
    return got_through and can_be_drawn(document.mime_type) and is_open(document)


def rendering_of(source: PageSource) -> bytes:
    """WebP or JSON, kept or made now. Raises `PageNotFound`, or as `render_page`."""
    try:
        return kept_or_made(source.wanted, partial(_make, source))
    except Unreadable as reason:
        if reason.code in {"no_such_page", "unsupported"}:
            raise PageNotFound from reason
        raise


def _make(source: PageSource) -> bytes:
    with get_blob_store().as_file(source.organization_id, source.sha256) as path:
        match source.kind:
            case RenderingKind.OUTLINE:
                return read_outline(path, source.mime_type, limits=_LIMITS)
            case RenderingKind.WORDS:
                return read_words(path, source.mime_type, source.number - 1, limits=_LIMITS)
            case RenderingKind.PAGE | RenderingKind.THUMBNAIL:
                width_px = _WIDTH_PX[source.kind]
                return render_page(path, source.mime_type, source.number - 1, width_px, limits=_LIMITS)


def request_first_pages(uow: UnitOfWork, document: Document) -> None:
    """Queues drawing them, behind all that makes documents searchable; once for each way of drawing."""
    if can_be_drawn(document.mime_type):
        enqueue(
            uow,
            JobKind.DRAW_PAGES,
            f"{document.id} {_HOW}",
            payload={"document_id": str(document.id)},
            document_id=document.id,
            priority=_AFTER_EVERYTHING,
        )


def draw_first_pages(scope: Scope, claim: Claim, document_id: UUID) -> None:
    """The job. A document that is gone, in quarantine, shorter or cannot be drawn is no failure."""
    for number, kind in _AHEAD:
        try:
            with unit_of_work(scope) as uow:
                source = _open(uow, document_id, number, kind)
                if is_kept(uow, source.wanted):
                    continue
            rendering_of(source)
        except (NotFound, Conflict, Unreadable):
            break
    with unit_of_work(scope) as uow:
        finish(uow, claim)


def remove_pages(scope: Scope, claim: Claim, document_id: UUID) -> None:
    """The job: removes the pictures of a document that was purged."""
    remove_of_document(scope.organization_id, document_id)
    with unit_of_work(scope) as uow:
        finish(uow, claim)
