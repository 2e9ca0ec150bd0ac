"""The trash: out of the way at once, for 30 days, then gone for good with everything that belongs to it.

Purging is one transaction for the rows, which also queues the removal of bytes that no other document uses. So a crash
leaves a document whole or gone, and bytes that should go are still going.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.cursors import decode_time_cursor, encode_cursor
from clasio_backend.core.gateway import Claim
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, cancel_jobs_of, enqueue, finish
from clasio_backend.core.scope import Permission, Scope, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.errors import DocumentNotFound, NotInTrash
from clasio_backend.documents.renderings.repository import RenderingRepository
from clasio_backend.documents.repository import DocumentRepository, Listed
from clasio_backend.documents.rows import to_row
from clasio_backend.documents.schemas import DocumentRow, TrashedRow, TrashPage, TrashQuery
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.models import Document
from clasio_backend.usage.plans import Meter
from clasio_backend.usage.service import count, give_back

KEPT_FOR = timedelta(days=30)
BATCH = 100


def trash_document(uow: UnitOfWork, document_id: UUID) -> DocumentRow:
    """Moves a document to the trash, where it stays for 30 days; twice is once."""
    uow.scope.require(Permission.TRASH_DOCUMENTS, "document")
    documents = uow.repository(DocumentRepository)
    document = documents.get_for_update(document_id)
    if document.deleted_at is None:
        document.deleted_at = now()
        document.deleted_by = uow.scope.user_id
        uow.flush()
        give_back(uow, Meter.DOCUMENTS, 1)
        give_back(uow, Meter.STORAGE_BYTES, document.size_bytes)
        record(uow, Action.DOCUMENT_TRASHED, "document", document.id, name=document.name)
        uow.notify("document", document.id)
    return to_row(documents.get_listed(document_id))


def restore_document(uow: UnitOfWork, document_id: UUID) -> DocumentRow:
    """Takes a document out of the trash; raises `QuotaExceeded` when the plan has no room for it."""
    uow.scope.require(Permission.TRASH_DOCUMENTS, "document")
    documents = uow.repository(DocumentRepository)
    document = documents.get_for_update(document_id)
    if document.deleted_at is not None:
        document.deleted_at = None
        document.deleted_by = None
        uow.flush()
        count(uow, {Meter.DOCUMENTS: 1, Meter.STORAGE_BYTES: document.size_bytes})
        record(uow, Action.DOCUMENT_RESTORED, "document", document.id, name=document.name)
        uow.notify("document", document.id)
    return to_row(documents.get_listed(document_id))


def list_trash(uow: UnitOfWork, query: TrashQuery) -> TrashPage:
    """A page of what is in the trash, the latest first."""
    uow.scope.require(Permission.TRASH_DOCUMENTS)
    before = decode_time_cursor(query.cursor) if query.cursor else None
    found = uow.repository(DocumentRepository).list_trashed(limit=query.limit + 1, before=before)
    page, has_more = found[: query.limit], len(found) > query.limit
    cursor = encode_cursor(page[-1][0][0].deleted_at, page[-1][0][0].id) if has_more else None
    return TrashPage(tuple(_trashed(*row) for row in page), cursor)


def count_trash(uow: UnitOfWork) -> int:
    """How many documents are in the trash."""
    return uow.repository(DocumentRepository).count_trashed()


def purge_document(uow: UnitOfWork, document_id: UUID) -> None:
    """Removes a document in the trash for good; owners only. Raises `DocumentNotFound` or `NotInTrash`."""
    uow.scope.require(Permission.PURGE_DOCUMENTS, "document")
    document = uow.repository(DocumentRepository).get_for_update(document_id)
    if document.deleted_at is None:
        raise NotInTrash
    _purge(uow, document)


def request_empty_trash(uow: UnitOfWork) -> int:
    """Queues the removal of everything that is in the trash now; returns how many documents that is. Owners only."""
    uow.scope.require(Permission.PURGE_DOCUMENTS, "trash")
    waiting = uow.repository(DocumentRepository).count_trashed()
    if waiting:
        enqueue(uow, JobKind.EMPTY_TRASH, new_id().hex, payload={"until": now().isoformat()})
        record(uow, Action.TRASH_EMPTIED, "trash", None, documents=waiting)
    return waiting


def empty_trash(scope: Scope, claim: Claim, until: datetime) -> None:
    """The job: purges what went into the trash before `until`, each document in a step of its own."""

    def next_ones() -> list[tuple[Scope, UUID]]:
        with unit_of_work(scope) as uow:
            ids = uow.repository(DocumentRepository).trashed_before(until, limit=BATCH)
        return [(scope, document_id) for document_id in ids]

    _purge_each(next_ones)
    with unit_of_work(scope) as uow:
        finish(uow, claim)


def purge_due() -> None:
    """Purges, in every organization, what has been in the trash for 30 days."""
    _purge_each(
        lambda: [
            (system_scope(organization_id, "30 days in the trash"), document_id)
            for organization_id, document_id in gateway.documents_to_purge(KEPT_FOR, BATCH)
        ]
    )


def _purge_each(next_ones: Callable[[], list[tuple[Scope, UUID]]]) -> None:
    """Until there is none left; what was restored or purged by another meanwhile is passed by."""
    while found := next_ones():
        purged = 0
        for scope, document_id in found:
            with suppress(DocumentNotFound, NotInTrash), unit_of_work(scope) as uow:
                purge_document(uow, document_id)
                purged += 1
        if not purged:
            return


def remove_blob(scope: Scope, claim: Claim, sha256: str) -> None:
    """The job: removes bytes that no document uses any more.

    It holds the lock of these bytes while it asks the store: an upload of the same bytes waits, and then stores them
    again (see `intake.receive`).
    """
    with unit_of_work(scope) as uow:
        documents = uow.repository(DocumentRepository)
        documents.lock_bytes(sha256)
        if not documents.has_blob(sha256):
            get_blob_store().delete(scope.organization_id, sha256)
        finish(uow, claim)


def _purge(uow: UnitOfWork, document: Document) -> None:
    documents = uow.repository(DocumentRepository)
    documents.lock_bytes(document.sha256)
    record(uow, Action.DOCUMENT_PURGED, "document", document.id, name=document.name, size_bytes=document.size_bytes)
    cancel_jobs_of(uow, document.id)
    has_pictures = uow.repository(RenderingRepository).has_any(document.id)
    documents.delete(document)  # its text, analyses, shares and renderings go with it
    if has_pictures:
        enqueue(uow, JobKind.REMOVE_PAGES, str(document.id), payload={"document_id": str(document.id)})
    if documents.delete_unused_blob(document.sha256):
        key = f"{document.sha256} {document.id}"
        enqueue(uow, JobKind.REMOVE_BLOB, key, payload={"sha256": document.sha256})
    uow.notify("document", document.id)


def _trashed(listed: Listed, deleted_by: str | None) -> TrashedRow:
    document = listed[0]
    deleted_at = document.deleted_at or now()
    return TrashedRow(to_row(listed), deleted_at, deleted_by, deleted_at + KEPT_FOR)
