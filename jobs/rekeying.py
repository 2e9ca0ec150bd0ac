from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobRow
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.rekeying.moving import move_to_newest_key


def run(scope: Scope, claim: Claim, _job: JobRow) -> None:
    move_to_newest_key(scope, claim)


def give_up(_uow: UnitOfWork, _job: JobRow, _message: str) -> None:
    """The job stays dead for the operator, who can run it again; the former key stays, and opens its files."""
