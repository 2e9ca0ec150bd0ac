"""A page of a document as a picture: drawn from the original by a limited child process, never the bytes themselves."""

import threading
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.errors import DocumentNotFound, PageNotFound
from clasio_backend.documents.opening import require_open
from clasio_backend.documents.reading import Limits, ReaderUnavailable, Unreadable, render_page
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.integrations.storage import get_blob_store


class PageSize(StrEnum):
    PAGE = "page"
    THUMBNAIL = "thumbnail"


_WIDTH_PX = {PageSize.PAGE: 1240, PageSize.THUMBNAIL: 320}
_LIMITS = Limits(cpu_seconds=15, wall_seconds=20.0)  # somebody waits for it
_AT_ONCE = 2  # each child may take `memory_mb`: many readers wait for each other rather than use up the machine
_PATIENCE_SECONDS = 30.0
_drawing = threading.BoundedSemaphore(_AT_ONCE)


@dataclass(frozen=True, slots=True)
class PageSource:
    """What a picture is drawn from; `version` is the same for as long as the picture is."""

    organization_id: UUID
    sha256: str
    mime_type: str
    number: int
    size: PageSize

    @property
    def version(self) -> str:
        return f"{self.sha256[:32]}-{self.number}-{self.size}-1"  # 1: how pages are drawn, raised when that changes


def open_page(uow: UnitOfWork, document_id: UUID, number: int, size: PageSize = PageSize.PAGE) -> PageSource:
    """Page `number`, from 1. The picture comes from `draw_page`, after this step.

    Raises as `require_open`, and `PageNotFound` where it is plain that there is no such page.
    """
    document = uow.repository(DocumentRepository).get(document_id)
    if not uow.scope.may(Permission.READ_DOCUMENTS):
        raise DocumentNotFound
    require_open(document, uow.scope)
    if document.page_count is not None and number > document.page_count:
        raise PageNotFound
    return PageSource(document.organization_id, document.sha256, document.mime_type, number, size)


def draw_page(source: PageSource) -> bytes:
    """The picture as WebP. Raises `PageNotFound`, or as `render_page`."""
    if not _drawing.acquire(timeout=_PATIENCE_SECONDS):
        raise ReaderUnavailable("too many pages are being drawn")
    try:
        with get_blob_store().as_file(source.organization_id, source.sha256) as path:
            return render_page(path, source.mime_type, source.number - 1, _WIDTH_PX[source.size], limits=_LIMITS)
    except Unreadable as reason:
        if reason.code in {"no_such_page", "unsupported"}:
            raise PageNotFound from reason
        raise
    finally:
        _drawing.release()
