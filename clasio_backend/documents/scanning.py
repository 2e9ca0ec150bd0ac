"""The virus scan of one document, before anything else looks at its bytes.

First a child process counts what is packed in the file, for a scanner leaves off at its limits; then clamd has its
word. What is not plainly clean goes into quarantine; without a verdict the document waits, for as long as it takes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobRepository
from clasio_backend.core.job_waits import wait_for
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.reading import Unreadable, measure_file
from clasio_backend.documents.repository import DocumentRepository, DocumentTextRepository
from clasio_backend.documents.scans.closing import close_document
from clasio_backend.documents.service import index_labels
from clasio_backend.integrations.clamav import Clamd, Clean, Found
from clasio_backend.mail.service import queue_mail
from clasio_backend.models import Document
from clasio_backend.models.documents import Outcome, Scan, Stage
from clasio_backend.organizations.repository import MemberRepository, OrganizationRepository

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=1)
"""Short, because it costs one question: while the scanner does not answer, no file is touched."""
QUIET = timedelta(hours=1)
"""One mail for many infected files: the page lists all of them."""
MAX_OWNERS = 50
SCANNER = "scanner"
WAITS = "scan_waits"
WAITS_WORDS = "Waits for the virus scanner, which does not answer. It is tried again by itself, and operators see it."
MEASURED = "Clasio.Limits"
WORDS = {
    Scan.INFECTED: ("infected", "The virus scanner found {signature} in this file, so it is in quarantine."),
    Scan.BLOCKED: (
        "not_scannable",
        "The virus scanner cannot look at all of this file ({signature}), so it is in quarantine.",
    ),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`signature` is what was found, or the limit that the file passes; None when it is clean."""

    scan: Scan
    signature: str | None
    engine: str


def scan_file(scanner: Clamd, engine: str, path: Path, mime_type: str) -> Verdict:
    """The verdict on the file at `path`; raises `ScannerUnavailable` or `ReaderUnavailable` when there is none."""
    try:
        measure_file(path, mime_type)
    except Unreadable as reason:
        what = reason.cause if reason.code == "too_complex" and reason.cause else reason.code
        return Verdict(Scan.BLOCKED, f"{MEASURED}: {what}"[:200], engine)
    with path.open("rb") as file:
        found = scanner.scan(file)
    if isinstance(found, Clean):
        return Verdict(Scan.CLEAN, None, engine)
    if isinstance(found, Found):
        return Verdict(Scan.INFECTED, found.signature, engine)
    return Verdict(Scan.BLOCKED, found.limit, engine)


def settle_verdict(uow: UnitOfWork, document: Document, verdict: Verdict) -> bool:
    """Writes the verdict down; False when the document is in quarantine now, with all that was made of it gone."""
    document.scan, document.scan_signature, document.scan_engine = verdict.scan, verdict.signature, verdict.engine
    document.scanned_at = document.updated_at = now()
    if verdict.scan == Scan.CLEAN:
        pass_scan(uow, document)
        return True
    is_news = not uow.repository(DocumentRepository).caught_since(now() - QUIET)
    document.stage, document.outcome = Stage.SCANNED, Outcome.INFECTED
    code, words = WORDS[verdict.scan]
    document.error_code, document.error_message = code, words.format(signature=verdict.signature)[:500]
    close_document(uow, document)
    uow.flush()
    record(
        uow,
        Action.DOCUMENT_QUARANTINED,
        "document",
        document.id,
        name=document.name,
        signature=verdict.signature or "",
        engine=verdict.engine,
    )
    uow.notify("document", document.id)
    if is_news:
        _tell_owners(uow, document)
    return False


def _tell_owners(uow: UnitOfWork, document: Document) -> None:
    _, _, uploader = uow.repository(DocumentRepository).get_listed(document.id)
    organization = uow.repository(OrganizationRepository).get()
    for address in uow.repository(MemberRepository).owner_addresses(limit=MAX_OWNERS):
        queue_mail(
            uow,
            address,
            "quarantine",
            document=document.name,
            organization=organization.name,
            who=uploader or "somebody who has left",
            signature=document.error_message or "",
            link=f"{get_settings().base_url}/quarantine",
        )


def pass_scan(uow: UnitOfWork, document: Document) -> None:
    """What was imported with its text is made findable; all else goes on to be read."""
    if document.stage == Stage.RECEIVED:
        document.stage = Stage.SCANNED
    if document.error_code == WAITS:
        document.error_code = document.error_message = None
    uow.flush()
    if document.searchable_at is not None:
        uow.repository(DocumentTextRepository).index_kept(document.id)
    if document.value_sources:
        index_labels(uow, document)
    uow.notify("document", document.id)


def wait_for_scanner(uow: UnitOfWork, claim: Claim, document_id: UUID, *, cause: str) -> None:
    """The document says that it waits, and its job is tried again a little later each time."""
    began: datetime = uow.repository(JobRepository).get(claim.job_id).created_at
    pause = min(LONGEST_WAIT, max(FIRST_WAIT, (now() - began) / 2))
    wait_for(uow, claim, SCANNER, until=now() + pause, reason=cause)
    document = uow.repository(DocumentRepository).find(document_id)
    if document is not None and document.outcome == Outcome.PENDING and document.error_code != WAITS:
        document.error_code, document.error_message = WAITS, WAITS_WORDS
        document.updated_at = now()
        uow.flush()
        uow.notify("document", document_id)
