"""When there is no analysis, and what is said then."""

from dataclasses import dataclass

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.clock import now
from clasio_backend.core.errors import Conflict
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.opening import require_open
from clasio_backend.models import Document
from clasio_backend.models.documents import Outcome
from clasio_backend.organizations.repository import OrganizationRepository

NEVER = "never"


@dataclass(frozen=True, slots=True)
class Skip:
    code: str
    message: str


OFF = Skip("analysis_off", "Not analysed: this organization has analyses switched off.")
IN_TRASH = Skip("in_trash", "Not analysed: it was in the trash when its turn came.")


class NotReadYet(Conflict):
    code = "not_read_yet"

    def __init__(self) -> None:
        super().__init__("This document has no text yet, so there is nothing to analyse. Try again when it was read.")


class NotAnalysable(Conflict):
    """Asked for an analysis that would be skipped; the code says which."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, code=code)


def refuse_analysis(uow: UnitOfWork, document: Document) -> None:
    """Raises why a person cannot have an analysis of this document now."""
    if document.deleted_at is not None:
        raise NotAnalysable("in_trash", "This document is in the trash. Restore it to have it analysed.")
    require_open(document, uow.scope)
    if document.outcome == Outcome.UNREADABLE:
        raise NotAnalysable("unreadable", "This document could not be read, so there is nothing to analyse.")
    if document.searchable_at is None:
        raise NotReadYet
    refuse_when_off(uow)


def refuse_when_off(uow: UnitOfWork) -> None:
    """Raises `NotAnalysable` when nobody can have an analysis of anything."""
    if is_switched_off(uow):
        raise NotAnalysable(
            OFF.code, "Analyses are switched off for this organization. Owners can change that in Settings."
        )


def is_switched_off(uow: UnitOfWork) -> bool:
    return uow.repository(OrganizationRepository).get().analysis_mode == NEVER


def find_skip(uow: UnitOfWork, document: Document) -> Skip | None:
    """Why the job has nothing to do when its turn has come."""
    if document.deleted_at is not None:
        return IN_TRASH
    return OFF if is_switched_off(uow) else None


def settle_skipped(uow: UnitOfWork, document: Document, skip: Skip) -> None:
    """Says why; a document that was analysed before stays as it was."""
    if document.analysed_at is not None:
        document.outcome, document.analysis_note = Outcome.DONE, skip.message
        document.error_code = document.error_message = None
    else:
        document.outcome = Outcome.SKIPPED
        document.error_code, document.error_message = skip.code, skip.message
    document.updated_at = now()
    uow.flush()
    record(uow, Action.DOCUMENT_NOT_ANALYSED, "document", document.id, name=document.name, code=skip.code)
    uow.notify("document", document.id)
