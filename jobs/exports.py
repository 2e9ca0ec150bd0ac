from uuid import UUID

from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobRow
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.exports.making import make_export, remove_files, settle_failed


def run_make(scope: Scope, claim: Claim, job: JobRow) -> None:
    make_export(scope, claim, UUID(job.payload["export_id"]))


def give_up_making(uow: UnitOfWork, job: JobRow, message: str) -> None:
    settle_failed(uow, UUID(job.payload["export_id"]), message)


def run_remove(scope: Scope, claim: Claim, job: JobRow) -> None:
    remove_files(scope, claim, UUID(job.payload["export_id"]))


def give_up_removing(_uow: UnitOfWork, _job: JobRow, _message: str) -> None:
    """The clean-up removes the files, too, a day later."""
