"""One rendering, from the store or made now: claim, draw, record. Whoever else asks meanwhile waits for that one.

The claim is a row, so it holds across processes and hosts; it runs out when its maker was killed. A file is written
while its row is locked, so a purge comes before it or after it, and its folder is cleared then: nothing is left over.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from clasio_backend.core import gateway
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import Scope, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.errors import DocumentNotFound
from clasio_backend.documents.reading import ReaderUnavailable, Unreadable
from clasio_backend.documents.renderings.repository import RenderingRepository
from clasio_backend.integrations.storage import FileDamaged, FileMissing, StorageError, get_blob_store
from clasio_backend.models.renderings import Rendering, RenderingKind

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=30)
"""Without it the store would fill with pages that somebody looked at once."""
BATCH = 100
MAX_BATCHES = 100
LEASE = timedelta(seconds=30)
"""Longer than a drawing may take (`pages.py`: 20 s)."""
PATIENCE_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.1
_AT_ONCE = 2  # each child may take `memory_mb`: many readers wait for each other rather than use up the machine
_PASSING = frozenset({"timeout", "no_such_page", "unsupported"})
"""Not kept: a busy machine is no fault of the file, and pages that are not there are without number."""
_drawing = threading.BoundedSemaphore(_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rendering of which document; `version` is the same for as long as what is drawn would be."""

    organization_id: UUID
    document_id: UUID
    page: int
    kind: RenderingKind
    version: str

    @property
    def scope(self) -> Scope:
        return system_scope(self.organization_id, "page pictures")


def is_kept(uow: UnitOfWork, wanted: Wanted) -> bool:
    """Whether there is nothing left to draw, also where drawing failed for good."""
    found = uow.repository(RenderingRepository).find_one(wanted.document_id, wanted.page, wanted.kind)
    return found is not None and _is_settled(found[0], wanted)


def kept_or_made(wanted: Wanted, make: Callable[[], bytes]) -> bytes:
    """What was kept, or what `make` makes and is kept from now on.

    Raises what `make` raises; an `Unreadable` that is the file's own is remembered. `ReaderUnavailable` when another
    one's drawing takes too long.
    """
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        with unit_of_work(wanted.scope) as uow:
            found = uow.repository(RenderingRepository).find_one(wanted.document_id, wanted.page, wanted.kind)
        row, is_held = found or (None, False)
        if row is not None and _is_settled(row, wanted):
            content = _content(wanted, row)
            if content is not None:
                return content
        elif row is not None and is_held and row.version == wanted.version:
            time.sleep(_LOOK_AGAIN_SECONDS)
            continue
        with _a_turn():
            token = _claim(wanted)
            if token is not None:
                return _make(wanted, token, make)
    raise ReaderUnavailable("somebody else draws this page and does not finish")


def remove_of_document(organization_id: UUID, document_id: UUID) -> None:
    """Removes the files of a document that was purged; twice is once."""
    get_blob_store().clear_made(organization_id, _folder(document_id))


def remove_old() -> None:
    """The scheduled job: removes what was drawn a month ago, in bounded batches; it is drawn again for whoever looks.

    Files go first: a crash in between leaves a row whose file is missing, and that is drawn again as well.
    """
    for _ in range(MAX_BATCHES):
        found = gateway.documents_with_old_renderings(KEPT_FOR, BATCH)
        for organization_id, document_id in found:
            _remove_old_of(system_scope(organization_id, "drawn a month ago"), document_id)
        if len(found) < BATCH:
            return


def _remove_old_of(scope: Scope, document_id: UUID) -> None:
    with unit_of_work(scope) as uow:
        old = uow.repository(RenderingRepository).list_old(document_id, KEPT_FOR)
    for file_id in old:
        get_blob_store().remove_made(scope.organization_id, f"{_folder(document_id)}/{file_id}")
    with unit_of_work(scope) as uow:
        uow.repository(RenderingRepository).remove_old(document_id, KEPT_FOR)


def _is_settled(row: Rendering, wanted: Wanted) -> bool:
    return row.version == wanted.version and (row.file_id is not None or row.failure is not None)


def _content(wanted: Wanted, row: Rendering) -> bytes | None:
    """None for a file that was lost or damaged: it can be drawn again."""
    if row.file_id is None:
        raise Unreadable(row.failure or "broken")
    try:
        return b"".join(get_blob_store().stream_made(wanted.organization_id, _path(wanted, row.file_id)))
    except (FileMissing, FileDamaged):
        with unit_of_work(wanted.scope) as uow:
            uow.repository(RenderingRepository).forget(wanted.document_id, row.file_id)
        return None


@contextmanager
def _a_turn() -> Iterator[None]:
    if not _drawing.acquire(timeout=PATIENCE_SECONDS):
        raise ReaderUnavailable("too many pages are being drawn")
    try:
        yield
    finally:
        _drawing.release()


def _claim(wanted: Wanted) -> UUID | None:
    """The claim's token; None when somebody else was faster. What an earlier version drew goes."""
    token = new_id()
    with unit_of_work(wanted.scope) as uow:
        renderings = uow.repository(RenderingRepository)
        if not renderings.hold_document(wanted.document_id):
            raise DocumentNotFound
        earlier = renderings.find_one(wanted.document_id, wanted.page, wanted.kind)
        is_mine = renderings.claim(wanted.document_id, wanted.page, wanted.kind, wanted.version, token, LEASE)
    if is_mine and earlier is not None and earlier[0].file_id is not None:
        get_blob_store().remove_made(wanted.organization_id, _path(wanted, earlier[0].file_id))
    return token if is_mine else None


def _make(wanted: Wanted, token: UUID, make: Callable[[], bytes]) -> bytes:
    content: bytes | None = None
    try:
        content = make()
        _keep(wanted, token, content)
    except StorageError as error:
        _drop(wanted, token)
        if content is None:
            raise
        log.warning("rendering_not_kept", extra={"error": error.code})  # a full store is no reason to show nothing
    except Unreadable as reason:
        with unit_of_work(wanted.scope) as uow:
            renderings = uow.repository(RenderingRepository)
            if reason.code in _PASSING:
                renderings.drop_claimed(wanted.document_id, token)
            else:
                renderings.settle(wanted.document_id, token, file_id=None, failure=reason.code)
        raise
    except BaseException:
        _drop(wanted, token)
        raise
    return content


def _drop(wanted: Wanted, token: UUID) -> None:
    with unit_of_work(wanted.scope) as uow:
        uow.repository(RenderingRepository).drop_claimed(wanted.document_id, token)


def _keep(wanted: Wanted, token: UUID, content: bytes) -> None:
    """One that lost its claim meanwhile keeps nothing: the other one's counts."""
    file_id = new_id()
    path = _path(wanted, file_id)
    with unit_of_work(wanted.scope) as uow:
        renderings = uow.repository(RenderingRepository)
        if renderings.lock_claimed(wanted.document_id, token):
            get_blob_store().write_made(wanted.organization_id, path, [content], about_bytes=len(content))
            renderings.settle(wanted.document_id, token, file_id=file_id, failure=None)


def _folder(document_id: UUID) -> str:
    return f"pages/{document_id}"


def path_of(document_id: UUID, file_id: UUID) -> str:
    """Where the store keeps it among an organization's made files."""
    return f"{_folder(document_id)}/{file_id}"


def _path(wanted: Wanted, file_id: UUID) -> str:
    return path_of(wanted.document_id, file_id)
