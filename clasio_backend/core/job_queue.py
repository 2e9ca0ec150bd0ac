"""Durable background work. The row in Postgres is the truth; Redis only carries "there is something to do".

`enqueue` writes the row in the caller's transaction. After the commit a wake-up for its queue goes to RQ: never an id
that could be lost, doubled or out of turn. If Redis is away nothing is lost: `jobs.control` makes up for it.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.errors import ClasioError
from clasio_backend.core.gateway import Claim
from clasio_backend.core.ids import new_id
from clasio_backend.core.redis import JOBS_DATABASE, shared
from clasio_backend.core.repository import ScopedRepository, table_of
from clasio_backend.core.scope import NoScope, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.models.jobs import Job, JobState, PausedQueue

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
LEASE_RENEWAL = timedelta(seconds=10)
MAX_LOST_LEASES = 10
RUN_DUE = "jobs.runner.run_due"
DEFAULT_MAX_ATTEMPTS = 3
ENOUGH_WAKE_UPS = 16
"""Each does what is due, so more of them waiting in one queue change nothing."""


class QueueName(StrEnum):
    READ = "read"
    FAST = "fast"
    THOROUGH = "thorough"
    SYNC = "sync"
    BULK = "bulk"
    CONTROL = "control"


class JobKind(StrEnum):
    """Names of the handlers in `jobs/`; a test resolves each."""

    READ_DOCUMENT = "documents.read"
    SCAN_AGAIN = "documents.scan_again"
    SCAN_DOCUMENT = "documents.scan"
    ANALYSE_DOCUMENT = "analysis.analyse"
    FOLLOW_CATEGORY = "documents.follow_category"
    EMPTY_TRASH = "documents.empty_trash"
    REMOVE_BLOB = "documents.remove_blob"
    DRAW_PAGES = "documents.draw_pages"
    REMOVE_PAGES = "documents.remove_pages"
    SEND_MAIL = "mail.send"
    MAKE_EXPORT = "exports.make"
    REMOVE_EXPORT = "exports.remove"
    MOVE_TO_KEY = "storage.move_to_key"


QUEUE_OF = {
    JobKind.READ_DOCUMENT: QueueName.READ,
    JobKind.SCAN_AGAIN: QueueName.BULK,
    JobKind.SCAN_DOCUMENT: QueueName.READ,
    JobKind.ANALYSE_DOCUMENT: QueueName.FAST,
    JobKind.FOLLOW_CATEGORY: QueueName.BULK,
    JobKind.EMPTY_TRASH: QueueName.BULK,
    JobKind.REMOVE_BLOB: QueueName.BULK,
    JobKind.DRAW_PAGES: QueueName.BULK,
    JobKind.REMOVE_PAGES: QueueName.BULK,
    JobKind.SEND_MAIL: QueueName.SYNC,
    JobKind.MAKE_EXPORT: QueueName.BULK,
    JobKind.REMOVE_EXPORT: QueueName.BULK,
    JobKind.MOVE_TO_KEY: QueueName.BULK,
}
MAX_ATTEMPTS = {
    JobKind.SCAN_AGAIN: 20,
    JobKind.SEND_MAIL: 20,
    JobKind.REMOVE_BLOB: 20,
    JobKind.REMOVE_PAGES: 20,
    JobKind.REMOVE_EXPORT: 20,
    JobKind.MOVE_TO_KEY: 20,
}
"""Where it is not three: a mail server or a file store may be away for an hour."""
DEFAULT_TIME_LIMIT = timedelta(minutes=10)
TIME_LIMITS = {
    JobKind.READ_DOCUMENT: timedelta(minutes=15),  # the reading sandbox ends by itself after five, and may begin twice
    JobKind.EMPTY_TRASH: timedelta(hours=2),
    JobKind.MAKE_EXPORT: timedelta(hours=12),
    JobKind.MOVE_TO_KEY: timedelta(hours=12),  # one large export is written in one go
}
"""How long one attempt may take; one that takes longer hangs, and is ended with its worker (decision 0012)."""
SET_ASIDE = timedelta(minutes=5)
UNKNOWN_KIND = "This version of Clasio does not know this kind of job; a newer one made it."
_KINDS, _QUEUES = frozenset(JobKind), frozenset(QueueName)


class LostLease(ClasioError):
    """Another worker has the job now; this one must change nothing."""

    code = "lost_lease"
    retryable = False

    def __init__(self) -> None:
        super().__init__("Another worker has taken this job over.")


@dataclass(frozen=True, slots=True)
class JobRow:
    """What a runner needs of a claimed job."""

    id: UUID
    kind: JobKind
    payload: Mapping[str, Any]
    attempts: int
    max_attempts: int
    request_id: str


_JOBS = table_of(Job)
_INSERT_ONCE = insert(_JOBS).on_conflict_do_nothing(constraint="uq_jobs_key").returning(_JOBS.c.id)


class JobRepository(ScopedRepository[Job]):
    model = Job
    what = "job"

    def insert_once(self, job: Job) -> UUID | None:
        """Writes the row unless its key exists already; None then."""
        return self._session.execute(_INSERT_ONCE, job.model_dump()).scalar_one_or_none()

    def find_by_key(self, kind: str, key: str) -> Job | None:
        statement = self._select().where(self._column("kind") == kind, self._column("idempotency_key") == key)
        job: Job | None = self._session.execute(statement).scalar_one_or_none()
        return job

    def change_held(self, claim: Claim, **values: Any) -> bool:
        """Updates the row only while `claim` still holds its lease."""
        statement = (
            update(_JOBS)
            .where(
                self._here(_JOBS.c.organization_id),
                _JOBS.c.id == claim.job_id,
                _JOBS.c.state == JobState.RUNNING,
                _JOBS.c.lease_token == claim.lease_token,
            )
            .values(**values)
            .returning(_JOBS.c.id)
        )
        return self._session.execute(statement).scalar_one_or_none() is not None

    def find_expired(self, job_id: UUID) -> Job | None:
        """The row, locked, if it is still running with a lease that ran out by the database's clock."""
        statement = (
            self._select()
            .where(
                self._column("id") == job_id,
                self._column("state") == JobState.RUNNING,
                self._column("lease_expires_at") < func.now(),
            )
            .with_for_update(skip_locked=True)
        )
        job: Job | None = self._session.execute(statement).scalar_one_or_none()
        return job

    def cancel_of_document(self, document_id: UUID) -> None:
        self._cancel(_JOBS.c.document_id == document_id)

    def cancel(self, job_id: UUID) -> None:
        self._cancel(_JOBS.c.id == job_id)

    def _cancel(self, which: Any) -> None:
        statement = update(_JOBS).where(
            self._here(_JOBS.c.organization_id),
            which,
            _JOBS.c.state.in_([JobState.QUEUED, JobState.RUNNING]),
        )
        gone = {"state": JobState.CANCELLED, "finished_at": func.now(), "lease_token": None, "lease_expires_at": None}
        self._session.execute(statement.values(**gone))

    def find_queued_of_document(self, document_id: UUID) -> Job | None:
        """The job that waits to work on a document, the next one first."""
        statement = (
            self._select()
            .where(self._column("document_id") == document_id, self._column("state") == JobState.QUEUED)
            .order_by(self._column("run_after"), self._column("id"))
            .limit(1)
        )
        job: Job | None = self._session.execute(statement).scalar_one_or_none()
        return job

    def is_paused(self, queue: str) -> bool:
        """Whether operators have the queue rest."""
        statement = select(col(PausedQueue.queue)).where(col(PausedQueue.queue) == queue)
        return self._session.execute(statement).scalar_one_or_none() is not None


def enqueue(  # noqa: PLR0913  # the columns that callers choose
    uow: UnitOfWork,
    kind: JobKind,
    key: str,
    *,
    payload: Mapping[str, str],
    document_id: UUID | None = None,
    priority: int = 100,
    run_after: datetime | None = None,
    queue: QueueName | None = None,
) -> UUID:
    """Adds a job in the caller's transaction and returns its id; the same `kind` and `key` give the same job.

    `payload` holds ids only, as text. A lower `priority` runs first.
    """
    repository = uow.repository(JobRepository)
    queue = queue or QUEUE_OF[kind]
    job = Job(
        organization_id=uow.scope.organization_id,
        id=new_id(),
        kind=kind,
        queue=queue,
        priority=priority,
        idempotency_key=key,
        payload=dict(payload),
        run_after=run_after or now(),
        max_attempts=MAX_ATTEMPTS.get(kind, DEFAULT_MAX_ATTEMPTS),
        request_id=uow.scope.request_id,
        document_id=document_id,
        created_by=uow.scope.user_id,
    )
    job_id = repository.insert_once(job)
    if job_id is None:
        existing = repository.find_by_key(kind, key)
        if existing is None:  # pragma: no cover  # only if it was deleted between the two statements
            raise LostLease
        return existing.id
    uow.after_commit(lambda: wake(queue))
    return job_id


@lru_cache(maxsize=len(QueueName))
def rq_queue(queue: QueueName) -> Queue:
    """The RQ queue that carries wake-ups; JSON only, because pickle from Redis would be code from Redis."""
    return Queue(queue.value, connection=shared(JOBS_DATABASE), serializer=JSONSerializer)


def wake(queue: QueueName, count: int = 1) -> None:
    """Tells workers of `queue` that work is due. A Redis that is away is no error: `control` wakes them later."""
    try:
        waiting = rq_queue(queue).count
        for _ in range(min(count, ENOUGH_WAKE_UPS - waiting)):
            rq_queue(queue).enqueue(RUN_DUE, queue.value, result_ttl=0, failure_ttl=60, job_timeout=-1, ttl=600)
    except RedisError as error:
        log.warning("wake_up_failed", extra={"queue": queue.value, "error": type(error).__name__})


def claim_next(queue: QueueName, running_cap: int, lease: timedelta = LEASE) -> tuple[Claim, JobRow] | None:
    """Takes the next due job of `queue`; at most `running_cap` of one organization run in it at once.

    One of a kind that only a newer version knows is set aside for a while, so that it holds nobody up.
    """
    while True:
        with unit_of_work(NoScope()) as uow:
            claim = gateway.claim_job(uow, queue, lease, running_cap)
            if claim is None:
                return None
            uow.enter(system_scope(claim.organization_id, "claim"))
            job = uow.repository(JobRepository).get(claim.job_id)
            if job.kind in _KINDS:
                return claim, _row(job)
            put_back(uow, claim, run_after=now() + SET_ASIDE, error=UNKNOWN_KIND, attempts=job.attempts)


def _row(job: Job) -> JobRow:
    return JobRow(job.id, JobKind(job.kind), job.payload, job.attempts, job.max_attempts, job.request_id)


def time_limit(kind: JobKind) -> timedelta:
    """How long one attempt at a job of this kind may take."""
    return TIME_LIMITS.get(kind, DEFAULT_TIME_LIMIT)


def renew_lease(claim: Claim) -> bool:
    """Holds the job for another `LEASE`; False when another worker has it."""
    with unit_of_work(system_scope(claim.organization_id, "lease renewal")) as uow:
        return uow.repository(JobRepository).change_held(claim, lease_expires_at=func.now() + LEASE)


def note_progress(uow: UnitOfWork, claim: Claim, *, done: int, total: int) -> None:
    """Writes down how far the job is; raises `LostLease`, so that a job which nobody waits for stops early."""
    if not uow.repository(JobRepository).change_held(claim, progress={"done": done, "total": total}):
        raise LostLease


def finish(uow: UnitOfWork, claim: Claim) -> None:
    """Marks the job as succeeded in the transaction that writes its effect; raises `LostLease` to undo both."""
    done = uow.repository(JobRepository).change_held(
        claim,
        state=JobState.SUCCEEDED,
        finished_at=func.now(),
        lease_token=None,
        lease_expires_at=None,
        last_error=None,
    )
    if not done:
        raise LostLease


def cancel_jobs_of(uow: UnitOfWork, document_id: UUID) -> None:
    """Ends the work on a document that goes: what runs loses its lease and so changes nothing any more."""
    uow.repository(JobRepository).cancel_of_document(document_id)


def cancel_job(uow: UnitOfWork, job_id: UUID) -> None:
    """Ends one job, due or running, in the same way."""
    uow.repository(JobRepository).cancel(job_id)


def put_back(uow: UnitOfWork, claim: Claim, *, run_after: datetime, error: str, attempts: int) -> None:
    """Queues the job again after a failure that another try can mend."""
    changed = uow.repository(JobRepository).change_held(
        claim,
        state=JobState.QUEUED,
        run_after=run_after,
        attempts=attempts,
        last_error=error[:2000],
        lease_token=None,
        lease_expires_at=None,
    )
    if not changed:
        raise LostLease


def hand_back(claim: Claim, queue: QueueName) -> None:
    """Queues a job that was begun for another worker, at once and without counting the attempt."""
    with unit_of_work(system_scope(claim.organization_id, "hand back")) as uow:
        uow.after_commit(lambda: wake(queue))
        given = uow.repository(JobRepository).change_held(
            claim, state=JobState.QUEUED, lease_token=None, lease_expires_at=None
        )
        if not given:
            raise LostLease


def give_up(uow: UnitOfWork, claim: Claim, *, state: JobState, error: str, attempts: int) -> None:
    """Ends the job as `failed` (trying again cannot help) or `dead` (all tries used up)."""
    changed = uow.repository(JobRepository).change_held(
        claim,
        state=state,
        attempts=attempts,
        last_error=error[:2000],
        finished_at=func.now(),
        lease_token=None,
        lease_expires_at=None,
    )
    if not changed:
        raise LostLease


def take_back(uow: UnitOfWork, job_id: UUID) -> JobRow | None:
    """Queues a job whose worker fell silent; returns it when it has now killed too many workers and is dead."""
    job = uow.repository(JobRepository).find_expired(job_id)
    if job is None:
        return None
    job.lost_leases += 1
    job.lease_token = None
    job.lease_expires_at = None
    if job.lost_leases < MAX_LOST_LEASES or job.kind not in _KINDS:
        job.state = JobState.QUEUED  # in its old place, so that it does not wait twice
        if job.queue in _QUEUES:
            uow.after_commit(lambda: wake(QueueName(job.queue)))
        uow.flush()
        return None
    job.state = JobState.DEAD
    job.finished_at = now()
    job.last_error = "The worker stopped each time while it did this job."
    uow.flush()
    return _row(job)


def queued_wake_ups() -> dict[QueueName, int]:
    """How many wake-ups wait in Redis for each queue."""
    return {queue: rq_queue(queue).count for queue in QueueName}
