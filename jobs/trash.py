from datetime import datetime

from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobRow
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.trash import empty_trash, remove_blob


def run_empty_trash(scope: Scope, claim: Claim, job: JobRow) -> None:
    empty_trash(scope, claim, datetime.fromisoformat(job.payload["until"]))


def run_remove_blob(scope: Scope, claim: Claim, job: JobRow) -> None:
    remove_blob(scope, claim, job.payload["sha256"])


def give_up(_uow: UnitOfWork, _job: JobRow, _message: str) -> None:
    """The job stays dead for the operator; what was to go is still marked as such."""
