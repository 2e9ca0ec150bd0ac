from uuid import UUID

from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobRow
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.mail.service import send_mail, settle_unsent


def run(scope: Scope, claim: Claim, job: JobRow) -> None:
    send_mail(scope, claim, UUID(job.payload["mail_id"]))


def give_up(uow: UnitOfWork, job: JobRow, message: str) -> None:
    settle_unsent(uow, UUID(job.payload["mail_id"]), message)
