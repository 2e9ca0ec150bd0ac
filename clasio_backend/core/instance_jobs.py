"""Durable work of the instance itself, and the ticks of its schedules. Small numbers, no organization, no fairness."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from clasio_backend.core.clock import now
from clasio_backend.core.job_queue import LEASE, MAX_LOST_LEASES, SET_ASIDE, UNKNOWN_KIND, QueueName, wake
from clasio_backend.core.repository import Repository
from clasio_backend.core.scope import NoScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.models.jobs import InstanceJob, JobState, PausedQueue, Schedule, ScheduleTick

QUEUE = QueueName.CONTROL


class InstanceJobKind(StrEnum):
    CLEAN_UP = "instance.clean_up"
    ACTIVITY_CLEAN_UP = "instance.activity_clean_up"
    PURGE = "instance.purge"
    RECONCILE_USAGE = "instance.reconcile_usage"
    SHARE_NOTICES = "instance.share_notices"
    EXPORT_CLEAN_UP = "instance.export_clean_up"
    DELETIONS = "instance.deletions"
    RESERVATIONS = "instance.reservations"
    PAGE_CLEAN_UP = "instance.page_clean_up"
    RESCANS = "instance.rescans"


DEFAULT_TIME_LIMIT = timedelta(hours=1)
TIME_LIMITS = {InstanceJobKind.PURGE: timedelta(hours=12), InstanceJobKind.DELETIONS: timedelta(hours=12)}
"""How long one attempt may take, as for other jobs."""
STOPPED_EACH_TIME = "The worker stopped each time while it did this job."
_KINDS = frozenset(InstanceJobKind)


@dataclass(frozen=True, slots=True)
class InstanceClaim:
    job_id: UUID
    kind: InstanceJobKind
    lease_token: UUID
    attempts: int
    max_attempts: int


class InstanceJobRepository(Repository):
    def claim(self) -> InstanceJob | None:
        """The next due job, with its lease."""
        is_paused = select(col(PausedQueue.queue)).where(col(PausedQueue.queue) == QUEUE).exists()
        due = (
            select(col(InstanceJob.id))
            .where(col(InstanceJob.state) == JobState.QUEUED, col(InstanceJob.run_after) <= func.now(), ~is_paused)
            .order_by(col(InstanceJob.priority), col(InstanceJob.run_after))
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        statement = (
            update(InstanceJob)
            .where(col(InstanceJob.id) == due)
            .values(
                state=JobState.RUNNING, lease_token=uuid4(), lease_expires_at=func.now() + LEASE, started_at=func.now()
            )
            .returning(InstanceJob)
        )
        job: InstanceJob | None = self._session.execute(statement).scalar_one_or_none()
        return job

    def set_aside(self, job: InstanceJob) -> None:
        job.state, job.last_error = JobState.QUEUED, UNKNOWN_KIND
        job.run_after = now() + SET_ASIDE
        job.lease_token = job.lease_expires_at = None
        self._session.flush()

    def change_held(self, claim: InstanceClaim, **values: object) -> bool:
        statement = (
            update(InstanceJob)
            .where(col(InstanceJob.id) == claim.job_id, col(InstanceJob.lease_token) == claim.lease_token)
            .values(**values)
            .returning(col(InstanceJob.id))
        )
        return self._session.execute(statement).scalar_one_or_none() is not None

    def take_back_expired(self) -> int:
        """Queues the jobs of silent workers, and ends those that have stopped too many; returns how many in all."""
        lost = col(InstanceJob.lost_leases) + 1
        too_many = lost >= MAX_LOST_LEASES
        statement = (
            update(InstanceJob)
            .where(col(InstanceJob.state) == JobState.RUNNING, col(InstanceJob.lease_expires_at) < func.now())
            .values(
                state=case((too_many, JobState.DEAD), else_=JobState.QUEUED),
                finished_at=case((too_many, func.now()), else_=None),
                last_error=case((too_many, STOPPED_EACH_TIME), else_=col(InstanceJob.last_error)),
                lease_token=None,
                lease_expires_at=None,
                lost_leases=lost,
            )
            .returning(col(InstanceJob.id))
        )
        return len(self._session.execute(statement).scalars().all())

    def declare(self, schedules: Mapping[str, tuple[str, int]]) -> None:
        """Writes down schedules that are new, or have another interval: (kind, seconds) by id."""
        rows = [
            {"id": schedule_id, "kind": kind, "interval_seconds": seconds}
            for schedule_id, (kind, seconds) in schedules.items()
        ]
        statement = insert(Schedule).values(rows)
        statement = statement.on_conflict_do_update(
            index_elements=["id"],
            set_={"interval_seconds": statement.excluded.interval_seconds},
            where=col(Schedule.interval_seconds) != statement.excluded.interval_seconds,
        )
        self._session.execute(statement)

    def claim_tick(self, schedule_id: str, kind: str, interval: timedelta, due_at: datetime) -> bool:
        """Notes the tick and queues its job; False when another scheduler was first, or the schedule is paused."""
        seconds = int(interval.total_seconds())
        schedule = insert(Schedule).values(id=schedule_id, kind=kind, interval_seconds=seconds, last_due_at=due_at)
        latest = func.greatest(col(Schedule.last_due_at), due_at)  # a clock may have been set back
        schedule = schedule.on_conflict_do_update(
            index_elements=["id"], set_={"interval_seconds": seconds, "last_due_at": latest}
        )
        is_paused = self._session.execute(schedule.returning(col(Schedule.is_paused))).scalar_one()
        if not self._insert_tick(schedule_id, due_at) or is_paused:
            return False
        job = InstanceJob(kind=kind, queue=QUEUE, idempotency_key=due_at.isoformat())
        self._session.execute(
            insert(InstanceJob).values(**job.model_dump()).on_conflict_do_nothing(constraint="uq_instance_jobs_key")
        )
        return True

    def _insert_tick(self, schedule_id: str, due_at: datetime) -> bool:
        tick = insert(ScheduleTick).values(schedule_id=schedule_id, due_at=due_at).on_conflict_do_nothing()
        return self._session.execute(tick.returning(col(ScheduleTick.due_at))).scalar_one_or_none() is not None

    def note_schedule(self, schedule_id: str, kind: str, interval: timedelta, due_at: datetime) -> None:
        """Writes down a schedule that was never due yet: what was due before it came was not missed."""
        values = {"id": schedule_id, "kind": kind, "interval_seconds": int(interval.total_seconds())}
        schedule = insert(Schedule).values(**values, last_due_at=due_at)
        schedule = schedule.on_conflict_do_update(
            index_elements=["id"], set_={"last_due_at": due_at}, where=col(Schedule.last_due_at).is_(None)
        )
        if self._session.execute(schedule.returning(col(Schedule.id))).scalar_one_or_none() is not None:
            self._insert_tick(schedule_id, due_at)

    def is_claimed(self, schedule_id: str, due_at: datetime) -> bool:
        return self._session.get(ScheduleTick, (schedule_id, due_at)) is not None


def claim_next_of_instance() -> InstanceClaim | None:
    """Takes the next due job; one of a kind that only a newer version knows is set aside for a while."""
    while True:
        with unit_of_work(NoScope()) as uow:
            repository = uow.repository(InstanceJobRepository)
            job = repository.claim()
            if job is None or job.lease_token is None:
                return None
            if job.kind in _KINDS:
                kind = InstanceJobKind(job.kind)
                return InstanceClaim(job.id, kind, job.lease_token, job.attempts, job.max_attempts)
            repository.set_aside(job)


def instance_time_limit(kind: InstanceJobKind) -> timedelta:
    """How long one attempt at a job of this kind may take."""
    return TIME_LIMITS.get(kind, DEFAULT_TIME_LIMIT)


def hand_back_of_instance(claim: InstanceClaim) -> None:
    """Queues a job that was begun for another worker, at once and without counting the attempt."""
    with unit_of_work(NoScope()) as uow:
        uow.after_commit(lambda: wake(QUEUE))
        uow.repository(InstanceJobRepository).change_held(
            claim, state=JobState.QUEUED, lease_token=None, lease_expires_at=None
        )


def renew_instance_lease(claim: InstanceClaim) -> bool:
    """Holds the job for another `LEASE`; False when another worker has it."""
    with unit_of_work(NoScope()) as uow:
        return uow.repository(InstanceJobRepository).change_held(claim, lease_expires_at=func.now() + LEASE)


def declare_schedules(schedules: Mapping[str, tuple[str, int]]) -> None:
    """Lets operators see every schedule, also before it was due for the first time."""
    with unit_of_work(NoScope()) as uow:
        uow.repository(InstanceJobRepository).declare(schedules)


def claim_tick(schedule_id: str, kind: InstanceJobKind, interval: timedelta, due_at: datetime) -> None:
    """Turns one tick of a schedule into one job, however many schedulers fire it."""
    with unit_of_work(NoScope()) as uow:
        if uow.repository(InstanceJobRepository).claim_tick(schedule_id, kind, interval, due_at):
            uow.after_commit(lambda: wake(QUEUE))


def make_up_tick(schedule_id: str, kind: InstanceJobKind, interval: timedelta, due_at: datetime) -> bool:
    """Claims a tick that no scheduler claimed; True when it was missed. A new schedule has missed nothing yet."""
    with unit_of_work(NoScope()) as uow:
        repository = uow.repository(InstanceJobRepository)
        if repository.is_claimed(schedule_id, due_at):
            return False
        repository.note_schedule(schedule_id, kind, interval, due_at)
        is_missed = repository.claim_tick(schedule_id, kind, interval, due_at)
        if is_missed:
            uow.after_commit(lambda: wake(QUEUE))
        return is_missed
