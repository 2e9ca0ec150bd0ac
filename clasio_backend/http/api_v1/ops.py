"""For operators: the work of the instance. To everybody else who is signed in, nothing of it is there (404)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from clasio_backend.core.job_queue import QueueName
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import CallingOperator
from clasio_backend.ops import controls, dead, rescans, security, service, tokens
from clasio_backend.ops.schemas import (
    Changed,
    DeadFilter,
    DeadPage,
    DeadQuery,
    NewRescan,
    OperatorTokenRow,
    OpsQuery,
    OpsRow,
    RescanRow,
    SecurityEventPage,
    VersionRow,
)

router = APIRouter(prefix="/ops", tags=["ops"])


@router.get("", responses=problems(404))
def read_ops(operator: CallingOperator) -> OpsRow:
    """Operators: what is wrong, queues, what runs, dead jobs by kind, schedules and workers."""
    return service.read_ops(operator)


@router.get("/versions", responses=problems(404))
def read_versions(operator: CallingOperator) -> list[VersionRow]:
    return service.read_versions(operator)


@router.get("/dead-jobs", responses=problems(404))
def list_dead_jobs(operator: CallingOperator, query: Annotated[DeadQuery, Query()]) -> DeadPage:
    """Operators: jobs that used up their tries, with cause and stack, the latest first."""
    return dead.list_dead_jobs(operator, query)


@router.post("/dead-jobs/retry", responses=problems(404))
def retry_dead_jobs(operator: CallingOperator, wanted: DeadFilter) -> Changed:
    """Operators: retries all of a kind, or all, up to 1,000; those that cannot be retried are left."""
    return dead.retry_dead_jobs(operator, wanted)


@router.post("/dead-jobs/drop", responses=problems(404))
def drop_dead_jobs(operator: CallingOperator, wanted: DeadFilter) -> Changed:
    """Operators: drops all of a kind, or all, up to 1,000."""
    return dead.drop_dead_jobs(operator, wanted)


@router.post("/dead-jobs/{job_id}/retry", status_code=204, responses=problems(404, 409), response_class=Response)
def retry_dead_job(operator: CallingOperator, job_id: UUID) -> None:
    dead.retry_dead_job(operator, job_id)


@router.delete("/dead-jobs/{job_id}", status_code=204, responses=problems(404), response_class=Response)
def drop_dead_job(operator: CallingOperator, job_id: UUID) -> None:
    dead.drop_dead_job(operator, job_id)


@router.post("/queues/{queue}/pause", status_code=204, responses=problems(404), response_class=Response)
def pause_queue(operator: CallingOperator, queue: QueueName) -> None:
    """Operators: from now on the queue hands out nothing; what runs is finished."""
    controls.pause_queue(operator, queue)


@router.post("/queues/{queue}/resume", status_code=204, responses=problems(404), response_class=Response)
def resume_queue(operator: CallingOperator, queue: QueueName) -> None:
    controls.resume_queue(operator, queue)


@router.post("/schedules/{schedule_id}/run", status_code=204, responses=problems(404, 409), response_class=Response)
def run_schedule(operator: CallingOperator, schedule_id: str) -> None:
    """Operators: queues the schedule's work now."""
    controls.run_schedule(operator, schedule_id)


@router.post("/schedules/{schedule_id}/pause", status_code=204, responses=problems(404), response_class=Response)
def pause_schedule(operator: CallingOperator, schedule_id: str) -> None:
    controls.pause_schedule(operator, schedule_id)


@router.post("/schedules/{schedule_id}/resume", status_code=204, responses=problems(404), response_class=Response)
def resume_schedule(operator: CallingOperator, schedule_id: str) -> None:
    controls.resume_schedule(operator, schedule_id)


@router.post("/rescans", status_code=202, responses=problems(404, 409))
def start_rescan(operator: CallingOperator, wanted: NewRescan) -> RescanRow:
    """Operators: has what is open scanned again, in one organization or in all."""
    return rescans.start_rescan(operator, wanted)


@router.get("/security-events", responses=problems(404))
def list_security_events(operator: CallingOperator, query: Annotated[OpsQuery, Query()]) -> SecurityEventPage:
    """Operators: failed sign-ins, deletions, and what operators did, the latest first."""
    return security.list_security_events(operator, query)


@router.get("/tokens", responses=problems(404))
def list_operator_tokens(operator: CallingOperator) -> list[OperatorTokenRow]:
    return tokens.list_operator_tokens(operator)


@router.delete("/tokens/{token_id}", status_code=204, responses=problems(404), response_class=Response)
def revoke_operator_token(operator: CallingOperator, token_id: UUID) -> None:
    """Operators: ends an operator token at once."""
    tokens.revoke_operator_token(operator, token_id)
