"""Dead jobs, the poison queue: seen with their cause, retried or dropped, one or all of a kind."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any
from uuid import UUID

from clasio_backend.core.cursors import decode_time_cursor, encode_cursor
from clasio_backend.core.instance_jobs import QUEUE, InstanceJobKind
from clasio_backend.core.job_queue import JobKind, QueueName, wake
from clasio_backend.core.scope import NoScope, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.processing import work_again
from clasio_backend.models import Job
from clasio_backend.ops.access import Operator, note
from clasio_backend.ops.errors import CannotRetry, DeadJobNotFound
from clasio_backend.ops.repository import DeadJobRepository, InstanceWorkRepository, WorkRepository
from clasio_backend.ops.schemas import (
    MAX_PAGE_SIZE,
    Changed,
    DeadFilter,
    DeadKindRow,
    DeadPage,
    DeadQuery,
    DeadRow,
)

MOST_AT_ONCE = 1000
"""Each is a transaction of its own; whoever has more asks again."""
CAUSE_LENGTH = 300

KEPT_FROM_RETRY: dict[str, str] = {
    JobKind.SEND_MAIL: "What the message said is gone.",
    JobKind.MAKE_EXPORT: "The person was told, and can start another export.",
}
OF_DOCUMENTS = frozenset({JobKind.READ_DOCUMENT, JobKind.ANALYSE_DOCUMENT})


def list_dead_jobs(operator: Operator, query: DeadQuery) -> DeadPage:
    """A page of dead jobs of all organizations and of the instance, the latest first."""
    before = decode_time_cursor(query.cursor) if query.cursor else None
    with unit_of_work(NoScope(operator.request_id)) as uow:
        found = uow.repository(WorkRepository).dead(query.kind, limit=query.limit + 1, before=before)
    rows = [_row(*row) for row in found[: query.limit]]
    has_more = len(found) > query.limit
    return DeadPage(tuple(rows), encode_cursor(rows[-1].died_at, rows[-1].id) if has_more else None)


def list_dead_kinds(uow: UnitOfWork) -> tuple[DeadKindRow, ...]:
    return tuple(DeadKindRow(*row) for row in uow.repository(WorkRepository).dead_kinds())


def _row(*columns: Any) -> DeadRow:
    organization_id, job_id, kind, queue, attempts, created_at, finished_at, last_error = columns
    stack = (last_error or "").strip()
    return DeadRow(
        id=job_id,
        organization_id=organization_id,
        kind=kind,
        queue=queue,
        attempts=attempts,
        created_at=created_at,
        died_at=finished_at,
        cause=stack.splitlines()[-1][:CAUSE_LENGTH] if stack else "No cause was written down.",
        stack=stack,
        keeps_from_retry=_why_not_again(kind),
    )


def _why_not_again(kind: str) -> str:
    """What keeps jobs of this kind from another try; empty when nothing does."""
    if kind not in {*JobKind, *InstanceJobKind}:
        return "This version of Clasio does not know its kind."
    return KEPT_FROM_RETRY.get(kind, "")


def retry_dead_job(operator: Operator, job_id: UUID) -> None:
    """Queues a dead job anew, with all its tries; raises `DeadJobNotFound` and `CannotRetry`."""
    with unit_of_work(NoScope(operator.request_id)) as uow:
        queue = _retry_of_instance(uow, job_id) or _retry_of_organization(uow, operator, job_id)
        note(uow, operator, "operator_retried_job", job_id=str(job_id))
        uow.after_commit(lambda: wake(queue))


def drop_dead_job(operator: Operator, job_id: UUID) -> None:
    """Ends a dead job for good; what it was about stays as it is. Raises `DeadJobNotFound`."""
    with unit_of_work(NoScope(operator.request_id)) as uow:
        if not uow.repository(InstanceWorkRepository).drop(job_id):
            _lock(uow, operator, job_id)
            uow.repository(DeadJobRepository).drop(job_id)
        note(uow, operator, "operator_dropped_job", job_id=str(job_id))


def _retry_of_instance(uow: UnitOfWork, job_id: UUID) -> QueueName | None:
    return QUEUE if uow.repository(InstanceWorkRepository).queue_again(job_id) else None


def _retry_of_organization(uow: UnitOfWork, operator: Operator, job_id: UUID) -> QueueName:
    job = _lock(uow, operator, job_id)
    if why := _why_not_again(job.kind):
        raise CannotRetry(why)
    if job.kind in OF_DOCUMENTS:
        to_read = job.kind == JobKind.READ_DOCUMENT
        if not work_again(uow, UUID(job.payload["document_id"]), to_read=to_read):
            raise CannotRetry("Its document is gone, or in the trash.")
    uow.repository(DeadJobRepository).queue_again(job_id)
    return QueueName(job.queue)


def _lock(uow: UnitOfWork, operator: Operator, job_id: UUID) -> Job:
    """The job, in the scope of its organization from here on."""
    organization_id = uow.repository(WorkRepository).find_organization_of_dead(job_id)
    if organization_id is None:
        raise DeadJobNotFound
    uow.enter(system_scope(organization_id, "an operator's word", request_id=operator.request_id))
    job = uow.repository(DeadJobRepository).lock(job_id)
    if job is None:
        raise DeadJobNotFound
    return job


def retry_dead_jobs(operator: Operator, wanted: DeadFilter) -> Changed:
    """The same for all of a kind, or all; those that cannot be retried are left."""
    return _each(operator, wanted, retry_dead_job)


def drop_dead_jobs(operator: Operator, wanted: DeadFilter) -> Changed:
    return _each(operator, wanted, drop_dead_job)


def _each(operator: Operator, wanted: DeadFilter, change: Callable[[Operator, UUID], None]) -> Changed:
    """One transaction for each, so that one that cannot be changed keeps no other back."""
    changed = 0
    for row in islice(_all(operator, wanted, change is retry_dead_job), MOST_AT_ONCE):
        with suppress(CannotRetry, DeadJobNotFound):
            change(operator, row.id)
            changed += 1
    with unit_of_work(NoScope(operator.request_id)) as uow:
        left = sum(kind.jobs for kind in list_dead_kinds(uow) if wanted.kind in {None, kind.kind})
    return Changed(changed, left)


def _all(operator: Operator, wanted: DeadFilter, to_retry: bool) -> Iterator[DeadRow]:
    """Page by page from the latest on, so that each is met once even when it dies again meanwhile."""
    cursor: str | None = None
    while True:
        page = list_dead_jobs(operator, DeadQuery(kind=wanted.kind, limit=MAX_PAGE_SIZE, cursor=cursor))
        yield from (row for row in page.items if not (to_retry and row.keeps_from_retry))
        cursor = page.next_cursor
        if cursor is None:
            return
