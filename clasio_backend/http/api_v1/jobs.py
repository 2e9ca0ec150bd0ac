from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from clasio_backend.core.job_queue import JobRepository
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller

router = APIRouter(prefix="/jobs", tags=["jobs"])


@dataclass(frozen=True, slots=True)
class JobOut:
    """A job as its organization sees it."""

    id: UUID
    kind: str
    state: str
    attempts: int
    progress: dict[str, Any]
    created_at: datetime
    finished_at: datetime | None


def job_out(uow: UnitOfWork, job_id: UUID) -> JobOut:
    job = uow.repository(JobRepository).get(job_id)
    return JobOut(job.id, job.kind, job.state, job.attempts, job.progress, job.created_at, job.finished_at)


@router.get("/{job_id}", responses=problems(404))
def get_job(scope: Caller, job_id: UUID) -> JobOut:
    scope.require(Permission.READ_DOCUMENTS, "job")
    with unit_of_work(scope) as uow:
        return job_out(uow, job_id)
