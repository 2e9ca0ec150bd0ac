"""Scanning again what is open: taken in while the scanner was off, or found clean by a database that is old by now.

A document stays open under its former verdict until the new one is there, whatever the scanner does meanwhile. It was
as dangerous yesterday, and an archive that closes for hours when somebody turns the scanner on teaches to leave it off.
"""

import logging
import time
from enum import StrEnum
from uuid import UUID

from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_places import Place, enqueue_one, give_way, note_place, read_place
from clasio_backend.core.job_queue import JobKind, cancel_jobs_of, finish
from clasio_backend.core.job_waits import wait_for
from clasio_backend.core.scope import Permission, Scope, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.errors import NothingToScan, ScannerOff
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.documents.scanning import LONGEST_WAIT, SCANNER, Verdict, scan_file, settle_verdict
from clasio_backend.documents.scans.repository import ScanRepository, ToScan
from clasio_backend.integrations.clamav import Clamd, ScannerUnavailable, get_scanner
from clasio_backend.integrations.storage import FileDamaged, FileMissing, KeyGone, get_blob_store
from clasio_backend.models import Document
from clasio_backend.models.documents import Scan

log = logging.getLogger(__name__)

BATCH = 50
TURN_SECONDS = 20.0
"""How long one organization keeps a worker before the others have their turn."""
AT_ONCE = 1000


class Which(StrEnum):
    NOT_SCANNED = "not_scanned"
    OTHER_DATABASES = "other_databases"
    """Those, and what was found clean with another engine or database than the present one."""


def request_rescan(uow: UnitOfWork, which: Which) -> UUID:
    """Queues scanning an organization's documents again; one such job at a time. Returns its id."""
    return enqueue_one(uow, JobKind.SCAN_AGAIN, payload={"which": which})


def scan_now(uow: UnitOfWork, document_id: UUID) -> UUID:
    """Queues the scan of one document that is not scanned, and returns its job's id; one at a time.

    Raises `ScannerOff` and `NothingToScan`.
    """
    uow.scope.require(Permission.ANALYSE_DOCUMENTS, "document")
    document = uow.repository(DocumentRepository).get(document_id)
    if get_scanner() is None:
        raise ScannerOff
    if document.scan != Scan.NOT_SCANNED or document.deleted_at is not None:
        raise NothingToScan
    return enqueue_one(uow, JobKind.SCAN_DOCUMENT, payload={"document_id": str(document.id)}, priority=50)


def rescan_what_was_not_scanned() -> None:
    """The schedule: once the scanner is on, whatever came in while it was off is scanned."""
    if get_scanner() is None:
        return
    for organization_id in gateway.organizations_not_scanned(AT_ONCE):
        with unit_of_work(system_scope(organization_id, "scanner is on")) as uow:
            request_rescan(uow, Which.NOT_SCANNED)


def scan_again(scope: Scope, claim: Claim, which: Which) -> None:
    """The job: scans one document after the other, and goes on behind other organizations after a while.

    Each verdict is written with the place where the job is, so a crash repeats one scan at most. While the scanner does
    not answer it waits. What cannot be read from the store keeps its verdict and is passed by.
    """
    scanner = get_scanner()
    with unit_of_work(scope) as uow:
        place = read_place(uow, claim)
        if scanner is None:
            finish(uow, claim)
            return
    try:
        engine = scanner.version()
        place, is_over = _one_turn(scope, claim, scanner, engine, engine if which != Which.NOT_SCANNED else None, place)
    except ScannerUnavailable as error:
        _wait(scope, claim, error)
        return
    with unit_of_work(scope) as uow:
        if is_over:
            finish(uow, claim)
        else:
            give_way(uow, claim, place, JobKind.SCAN_AGAIN)


def scan_one(scope: Scope, claim: Claim, document_id: UUID) -> None:
    """The job behind `scan_now`."""
    scanner = get_scanner()
    with unit_of_work(scope) as uow:
        document = uow.repository(DocumentRepository).find(document_id)
        if scanner is None or document is None or document.scan != Scan.NOT_SCANNED:
            finish(uow, claim)
            return
    try:
        verdict = _verdict(scope, scanner, scanner.version(), ToScan(document_id, document.sha256, document.mime_type))
    except ScannerUnavailable as error:
        _wait(scope, claim, error)
        return
    with unit_of_work(scope) as uow:
        _settle(uow, document_id, verdict)
        finish(uow, claim)


def _one_turn(  # noqa: PLR0913, PLR0917  # what stays the same from one document to the next
    scope: Scope, claim: Claim, scanner: Clamd, engine: str, other_than: str | None, place: Place
) -> tuple[Place, bool]:
    """Where it stands, and whether nothing is left."""
    ends = time.monotonic() + TURN_SECONDS
    while True:
        with unit_of_work(scope) as uow:
            scans = uow.repository(ScanRepository)
            after = UUID(place.after) if place.after else None
            batch = scans.list_to_scan(other_than, after=after, limit=BATCH)
            if batch:
                place = Place(place.done, place.done + scans.count_to_scan(other_than, after=after), place.after)
                note_place(uow, claim, place)
        if not batch:
            return place, True
        for document in batch:
            verdict = _verdict_or_none(scope, scanner, engine, document)
            place = Place(place.done + 1, place.total, str(document.document_id))
            with unit_of_work(scope) as uow:
                if verdict is not None:
                    _settle(uow, document.document_id, verdict)
                note_place(uow, claim, place)
            if time.monotonic() >= ends:
                return place, False


def _verdict_or_none(scope: Scope, scanner: Clamd, engine: str, document: ToScan) -> Verdict | None:
    try:
        return _verdict(scope, scanner, engine, document)
    except (FileMissing, FileDamaged, KeyGone) as error:
        log.warning("not_scanned_again", extra={"document_id": str(document.document_id), "error": error.code})
        return None


def _verdict(scope: Scope, scanner: Clamd, engine: str, document: ToScan) -> Verdict:
    with get_blob_store().as_file(scope.organization_id, document.sha256) as path:
        return scan_file(scanner, engine, path, document.mime_type)


def _settle(uow: UnitOfWork, document_id: UUID, verdict: Verdict) -> None:
    """One that was released, caught or purged meanwhile stays as it is."""
    document = uow.repository(DocumentRepository).find_for_update(document_id)
    if document is None or document.scan not in {Scan.NOT_SCANNED, Scan.CLEAN}:
        return
    if verdict.scan == Scan.CLEAN:
        _confirm(uow, document, verdict)
    else:
        cancel_jobs_of(uow, document.id)
        settle_verdict(uow, document, verdict)


def _confirm(uow: UnitOfWork, document: Document, verdict: Verdict) -> None:
    document.scan, document.scan_engine, document.scan_signature = Scan.CLEAN, verdict.engine, None
    document.scanned_at = now()
    uow.flush()
    uow.notify("document", document.id)


def _wait(scope: Scope, claim: Claim, error: ScannerUnavailable) -> None:
    with unit_of_work(scope) as uow:
        place = read_place(uow, claim)
        kept = {"done": place.done, "total": place.total, "after": place.after}
        reason = f"{error.message} {error.cause}"
        wait_for(uow, claim, SCANNER, until=now() + LONGEST_WAIT, reason=reason, progress=kept)
