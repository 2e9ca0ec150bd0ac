from uuid import UUID

from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobRow
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.categories import follow_category


def run(scope: Scope, claim: Claim, job: JobRow) -> None:
    follow_category(scope, claim, UUID(job.payload["category_id"]))


def give_up(_uow: UnitOfWork, _job: JobRow, _message: str) -> None:
    """The job stays dead for the operator, who can run it again; what it did so far is right."""
