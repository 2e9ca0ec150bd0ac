"""What the scanner caught: owners look at it, and delete it or let it go with a reason."""

from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.clock import now
from clasio_backend.core.cursors import decode_time_cursor, encode_cursor
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, enqueue
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.errors import NotInQuarantine
from clasio_backend.documents.repository import DocumentRepository, Listed
from clasio_backend.documents.rows import to_row
from clasio_backend.documents.schemas import DocumentRow, QuarantinedRow, QuarantinePage, QuarantineQuery, Release
from clasio_backend.documents.trash import purge_document, trash_document
from clasio_backend.models import Document
from clasio_backend.models.documents import Outcome, Scan, Stage


def list_quarantine(uow: UnitOfWork, query: QuarantineQuery) -> QuarantinePage:
    """A page of what is in quarantine, the latest first. Owners only."""
    uow.scope.require(Permission.MANAGE_QUARANTINE)
    before = decode_time_cursor(query.cursor) if query.cursor else None
    found = uow.repository(DocumentRepository).list_quarantined(limit=query.limit + 1, before=before)
    page, has_more = found[: query.limit], len(found) > query.limit
    cursor = encode_cursor(page[-1][0].scanned_at, page[-1][0].id) if has_more else None
    return QuarantinePage(tuple(_quarantined(row) for row in page), cursor)


def release_document(uow: UnitOfWork, document_id: UUID, wanted: Release) -> DocumentRow:
    """Lets a document go although it was caught, and queues its reading. Owners only; raises `NotInQuarantine`.

    What was found stays with the document, so that everybody sees what they open.
    """
    uow.scope.require(Permission.MANAGE_QUARANTINE, "document")
    document = _get_caught(uow, document_id)
    document.scan, document.release_reason = Scan.RELEASED, wanted.reason
    document.stage, document.outcome = Stage.SCANNED, Outcome.PENDING
    document.error_code = document.error_message = None
    document.updated_at = now()
    uow.flush()
    enqueue(
        uow,
        JobKind.READ_DOCUMENT,
        f"{document.id} {new_id()}",
        payload={"document_id": str(document.id)},
        document_id=document.id,
    )
    record(
        uow,
        Action.DOCUMENT_RELEASED,
        "document",
        document.id,
        name=document.name,
        signature=document.scan_signature or "",
        reason=wanted.reason,
    )
    uow.notify("document", document.id)
    return to_row(uow.repository(DocumentRepository).get_listed(document_id))


def delete_quarantined(uow: UnitOfWork, document_id: UUID) -> None:
    """Removes a caught document for good, without the trash's 30 days. Owners only; raises `NotInQuarantine`."""
    uow.scope.require(Permission.MANAGE_QUARANTINE, "document")
    _get_caught(uow, document_id)
    trash_document(uow, document_id)
    purge_document(uow, document_id)


def count_quarantine(uow: UnitOfWork) -> int:
    """How many documents wait for an owner's decision; 0 to those who may not decide."""
    if not uow.scope.may(Permission.MANAGE_QUARANTINE):
        return 0
    return uow.repository(DocumentRepository).count_unsettled().get(Outcome.INFECTED, 0)


def _get_caught(uow: UnitOfWork, document_id: UUID) -> Document:
    document = uow.repository(DocumentRepository).get_for_update(document_id)
    if document.outcome != Outcome.INFECTED or document.deleted_at is not None:
        raise NotInQuarantine
    return document


def _quarantined(listed: Listed) -> QuarantinedRow:
    document = listed[0]
    return QuarantinedRow(
        document=to_row(listed),
        signature=document.scan_signature or "",
        engine=document.scan_engine or "",
        caught_at=document.scanned_at or document.updated_at,
    )
