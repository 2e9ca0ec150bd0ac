"""What the jobs do with a document: read it, and say so when it cannot be done. Claim, work, record."""

import logging
from dataclasses import dataclass
from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.clock import now
from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobKind, enqueue, finish
from clasio_backend.core.job_waits import go_on
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.opening import require_open
from clasio_backend.documents.pages import PICTURES_ONLY, request_first_pages
from clasio_backend.documents.reading import ReadResult, Unreadable, read_file
from clasio_backend.documents.repository import DocumentRepository, DocumentTextRepository
from clasio_backend.documents.scanning import Verdict, pass_scan, scan_file, settle_verdict, wait_for_scanner
from clasio_backend.documents.service import index_labels
from clasio_backend.integrations.clamav import ScannerUnavailable, get_scanner
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.models import Document
from clasio_backend.models.documents import Outcome, Scan, Stage
from clasio_backend.organizations.repository import OrganizationRepository

log = logging.getLogger(__name__)

AUTOMATIC = "automatic"
NOT_ANALYSED = {
    "on_request": (
        "analysis_on_request",
        "Not analysed: this organization analyses documents when somebody asks for it.",
    ),
    "never": ("analysis_off", "Not analysed: this organization has analyses switched off."),
}
"""Code and sentence of a document that is not analysed by itself."""


@dataclass(frozen=True, slots=True)
class _ToRead:
    """What is left to do: the scan, the reading, or both."""

    sha256: str
    mime_type: str
    to_scan: bool


def read_document(scope: Scope, claim: Claim, document_id: UUID) -> None:
    """Scans one document, then reads it and makes it searchable.

    An infected one goes into quarantine, an unreadable one is settled as such, each with the reason. While the scanner
    does not answer, the job waits and has not failed.
    """
    with unit_of_work(scope) as uow:
        to_read = _still_to_read(uow, document_id)
        if to_read is None:
            finish(uow, claim)
            return
    scanner, engine = get_scanner() if to_read.to_scan else None, ""
    try:
        if scanner is not None:
            engine = scanner.version()  # a scanner that is away is found out before the file is touched
        with get_blob_store().as_file(scope.organization_id, to_read.sha256) as path:
            verdict = scan_file(scanner, engine, path, to_read.mime_type) if scanner is not None else None
            if to_read.to_scan and not _settle_scan(scope, claim, document_id, verdict):
                return
            result = read_file(path, to_read.mime_type)
    except ScannerUnavailable as error:
        with unit_of_work(scope) as uow:
            wait_for_scanner(uow, claim, document_id, cause=f"{error.message} {error.cause}")
        return
    except Unreadable as reason:
        log.info(
            "document_unreadable",
            extra={"document_id": str(document_id), "code": reason.code, "cause": reason.cause},
        )
        with unit_of_work(scope) as uow:
            _settle_unreadable(uow, document_id, reason)
            finish(uow, claim)
        return
    with unit_of_work(scope) as uow:
        _settle_read(uow, claim, document_id, result)
        finish(uow, claim)


def _still_to_read(uow: UnitOfWork, document_id: UUID) -> _ToRead | None:
    """None for a document that is gone, in quarantine, or that an earlier run has read."""
    document = uow.repository(DocumentRepository).find(document_id)
    if document is None or document.outcome == Outcome.INFECTED:
        return None
    to_scan, has_text = document.scan == Scan.PENDING, document.searchable_at is not None
    if not to_scan:
        if has_text:
            return None
        require_open(document, uow.scope)
    return _ToRead(document.sha256, document.mime_type, to_scan)


def _settle_scan(scope: Scope, claim: Claim, document_id: UUID, verdict: Verdict | None) -> bool:
    """Writes the verdict down before anything is read; False when there is nothing more to do."""
    with unit_of_work(scope) as uow:
        document = uow.repository(DocumentRepository).get_for_update(document_id)
        if verdict is None:
            mark_not_scanned(document)
            pass_scan(uow, document)
        elif not settle_verdict(uow, document, verdict):
            finish(uow, claim)
            return False
        if document.searchable_at is None:
            go_on(uow, claim)
            return True
        if document.outcome == Outcome.PENDING:
            _enqueue_analysis(uow, claim, document_id)
        finish(uow, claim)
        return False


def _settle_read(uow: UnitOfWork, claim: Claim, document_id: UUID, result: ReadResult) -> None:
    document = uow.repository(DocumentRepository).get_for_update(document_id)
    require_open(document, uow.scope)
    document.read_at = document.searchable_at = document.updated_at = now()
    document.stage = Stage.SEARCHABLE
    document.page_count = result.page_count
    document.ocr = result.ocr
    uow.repository(DocumentTextRepository).set_text(
        document_id, result.text, is_truncated=result.truncated, name=document.name, values=[]
    )
    mode = uow.repository(OrganizationRepository).get().analysis_mode
    if document.value_sources:
        index_labels(uow, document)
    if mode == AUTOMATIC:
        _enqueue_analysis(uow, claim, document_id)
    else:
        document.outcome = Outcome.SKIPPED
        document.error_code, document.error_message = NOT_ANALYSED[mode]
    request_first_pages(uow, document)
    uow.flush()
    uow.notify("document", document_id)


def _settle_unreadable(uow: UnitOfWork, document_id: UUID, reason: Unreadable) -> None:
    document = uow.repository(DocumentRepository).get_for_update(document_id)
    require_open(document, uow.scope)
    document.stage = Stage.SCANNED
    document.outcome = Outcome.UNREADABLE
    document.error_code, document.error_message = reason.code, reason.message[:500]
    document.updated_at = now()
    if reason.code in PICTURES_ONLY:
        request_first_pages(uow, document)
    uow.flush()
    record(uow, Action.DOCUMENT_UNREADABLE, "document", document_id, name=document.name, code=reason.code)
    uow.notify("document", document_id)


def _enqueue_analysis(uow: UnitOfWork, claim: Claim, document_id: UUID) -> None:
    """Once for each reading: one that was released from quarantine is read again."""
    enqueue(
        uow,
        JobKind.ANALYSE_DOCUMENT,
        f"{document_id} fast {claim.job_id}",
        payload={"document_id": str(document_id), "mode": "fast"},
        document_id=document_id,
    )


def mark_not_scanned(document: Document) -> None:
    """With the scanner off the scan is passed at once, and the document says so."""
    document.scan, document.scanned_at = Scan.NOT_SCANNED, now()


def note_waiting(uow: UnitOfWork, document_id: UUID, *, message: str) -> None:
    """The document goes on waiting for its analysis, and says why."""
    document = uow.repository(DocumentRepository).find(document_id)
    if document is None or document.outcome != Outcome.PENDING:
        return
    document.error_code, document.error_message = "analysis_waits", message[:500]
    document.updated_at = now()
    uow.flush()
    uow.notify("document", document_id)


def settle_failed(uow: UnitOfWork, document_id: UUID, *, code: str, message: str) -> None:
    """Marks a document whose job ended without success; a retry is offered."""
    document = uow.repository(DocumentRepository).find(document_id)
    if document is None or document.outcome != Outcome.PENDING:
        return
    document.outcome = Outcome.FAILED
    document.error_code, document.error_message = code, message[:500]
    document.updated_at = now()
    uow.flush()
    record(uow, Action.DOCUMENT_FAILED, "document", document_id, name=document.name, code=code)
    uow.notify("document", document_id)


def work_again(uow: UnitOfWork, document_id: UUID, *, to_read: bool) -> bool:
    """Takes a failed document back into work, for a job that is tried again; False when it is gone or in the trash.

    A document that failed at the other step (reading, analysis) stays failed: this job does nothing about that.
    """
    document = uow.repository(DocumentRepository).find(document_id)
    if document is None or document.deleted_at is not None:
        return False
    if document.outcome == Outcome.FAILED and to_read == (document.searchable_at is None):
        document.outcome = Outcome.PENDING
        document.error_code = document.error_message = None
        document.updated_at = now()
        uow.flush()
        record(uow, Action.DOCUMENT_RETRIED, "document", document_id, name=document.name)
        uow.notify("document", document_id)
    return True
