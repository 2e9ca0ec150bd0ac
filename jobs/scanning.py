from uuid import UUID

from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobRow
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.rescans import Which, scan_again, scan_one


def run_again(scope: Scope, claim: Claim, job: JobRow) -> None:
    scan_again(scope, claim, Which(job.payload["which"]))


def run_one(scope: Scope, claim: Claim, job: JobRow) -> None:
    scan_one(scope, claim, UUID(job.payload["document_id"]))


def give_up(_uow: UnitOfWork, _job: JobRow, _message: str) -> None:
    """Documents keep the verdict that they had."""
