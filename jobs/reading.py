from uuid import UUID

from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobRow
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.processing import read_document, settle_failed


def run(scope: Scope, claim: Claim, job: JobRow) -> None:
    read_document(scope, claim, UUID(job.payload["document_id"]))


def give_up(uow: UnitOfWork, job: JobRow, message: str) -> None:
    settle_failed(uow, UUID(job.payload["document_id"]), code="reading_failed", message=message)
