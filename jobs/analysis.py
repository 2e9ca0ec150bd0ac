from typing import cast
from uuid import UUID

from clasio_backend.analysis.analyzer import Mode
from clasio_backend.analysis.service import analyse_document
from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobRow
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.processing import settle_failed
from clasio_backend.usage.budget import release


def run(scope: Scope, claim: Claim, job: JobRow) -> None:
    analyse_document(scope, claim, UUID(job.payload["document_id"]), cast("Mode", job.payload["mode"]))


def give_up(uow: UnitOfWork, job: JobRow, message: str) -> None:
    release(uow, job.id)
    settle_failed(uow, UUID(job.payload["document_id"]), code="analysis_failed", message=message)
