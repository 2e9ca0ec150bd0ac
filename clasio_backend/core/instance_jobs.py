"""Durable work of the instance itself, and the ticks of its schedules. Small numbers, no organization, no fairness."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from clasio_backend.core.job_queue import LEASE, QueueName, wake
from clasio_backend.core.repository import Repository
from clasio_backend.core.scope import NoScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.models.jobs import InstanceJob, JobState, Schedule, ScheduleTick

QUEUE = QueueName.CONTROL


class InstanceJobKind(StrEnum):
    CLEAN_UP = "instance.clean_up"


@dataclass(frozen=True, slots=True)
class InstanceClaim:
    job_id: UUID
    kind: InstanceJobKind
    lease_token: UUID
    attempts: int
    max_attempts: int


class InstanceJobRepository(Repository):
    def claim(self) -> InstanceClaim | None:
        due = (
            select(col(InstanceJob.id))
            .where(col(InstanceJob.state) == JobState.QUEUED, col(InstanceJob.run_after) <= func.now())
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
        job = self._session.execute(statement).scalar_one_or_none()
        if job is None or job.lease_token is None:
            return None
        return InstanceClaim(job.id, InstanceJobKind(job.kind), job.lease_token, job.attempts, job.max_attempts)

    def change_held(self, claim: InstanceClaim, **values: object) -> bool:
        statement = (
            update(InstanceJob)
            .where(col(InstanceJob.id) == claim.job_id, col(InstanceJob.lease_token) == claim.lease_token)
            .values(**values)
            .returning(col(InstanceJob.id))
        )
        return self._session.execute(statement).scalar_one_or_none() is not None

    def take_back_expired(self) -> int:
        statement = (
            update(InstanceJob)
            .where(col(InstanceJob.state) == JobState.RUNNING, col(InstanceJob.lease_expires_at) < func.now())
            .values(
                state=JobState.QUEUED, lease_token=None, lease_expires_at=None, lost_leases=InstanceJob.lost_leases + 1
            )
            .returning(col(InstanceJob.id))
        )
        return len(self._session.execute(statement).scalars().all())

    def claim_tick(self, schedule_id: str, kind: str, interval: timedelta, due_at: datetime) -> bool:
        """Notes the tick and queues its job; False when another scheduler was first, or the schedule is paused."""
        seconds = int(interval.total_seconds())
        schedule = insert(Schedule).values(id=schedule_id, kind=kind, interval_seconds=seconds, last_due_at=due_at)
        schedule = schedule.on_conflict_do_update(
            index_elements=["id"], set_={"interval_seconds": seconds, "last_due_at": due_at}
        )
        is_paused = self._session.execute(schedule.returning(col(Schedule.is_paused))).scalar_one()
        tick = insert(ScheduleTick).values(schedule_id=schedule_id, due_at=due_at).on_conflict_do_nothing()
        claimed = self._session.execute(tick.returning(col(ScheduleTick.due_at))).scalar_one_or_none() is not None
        if is_paused or not claimed:
            return False
        job = InstanceJob(kind=kind, queue=QUEUE, idempotency_key=due_at.isoformat())
        self._session.execute(
            insert(InstanceJob).values(**job.model_dump()).on_conflict_do_nothing(constraint="uq_instance_jobs_key")
        )
        return True


def claim_tick(schedule_id: str, kind: InstanceJobKind, interval: timedelta, due_at: datetime) -> None:
    """Turns one tick of a schedule into one job, however many schedulers fire it."""
    with unit_of_work(NoScope()) as uow:
        if uow.repository(InstanceJobRepository).claim_tick(schedule_id, kind, interval, due_at):
            uow.after_commit(lambda: wake(QUEUE))
