from uuid import UUID

from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobRow
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.pages import draw_first_pages, remove_pages


def run_draw(scope: Scope, claim: Claim, job: JobRow) -> None:
    draw_first_pages(scope, claim, UUID(job.payload["document_id"]))


def run_remove(scope: Scope, claim: Claim, job: JobRow) -> None:
    remove_pages(scope, claim, UUID(job.payload["document_id"]))


def give_up(_uow: UnitOfWork, _job: JobRow, _message: str) -> None:
    """Pages are drawn when somebody looks; what was to go stays dead for the operator."""
