"""The work of all organizations, by functions of the gateway that give ids and facts; and the instance's own tables."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Update, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlmodel import col

from clasio_backend.core.instance_jobs import QUEUE, InstanceJobKind
from clasio_backend.core.repository import Repository, ScopedRepository
from clasio_backend.models import InstanceJob, Job, OperatorToken, PausedQueue, Schedule, Worker
from clasio_backend.models.jobs import JobState

Before = tuple[datetime, UUID] | None
"""The last row of the page before."""
Rows = list[Row[*tuple[Any, ...]]]
_KNOWN = tuple(InstanceJobKind)
_WAITING = (JobState.QUEUED, JobState.RUNNING)
_ANEW = {
    "state": JobState.QUEUED,
    "attempts": 0,
    "lost_leases": 0,
    "started_at": None,
    "finished_at": None,
    "progress": {},
}
"""A dead job that begins again; what went wrong stays until it has an end."""
_DROPPED = {"state": JobState.CANCELLED}


class WorkRepository(Repository):
    def queues(self) -> Rows:
        """(queue, due, later, running, oldest due)."""
        return self._rows("SELECT * FROM gateway.ops_queues()")

    def running(self, limit: int) -> Rows:
        """(organization, job, kind, queue, attempts, started, progress), the longest running first."""
        return self._rows("SELECT * FROM gateway.ops_running(:limit)", limit=limit)

    def dead_kinds(self) -> Rows:
        """(kind, how many)."""
        return self._rows("SELECT * FROM gateway.ops_dead_kinds()")

    def dead(self, kind: str | None, *, limit: int, before: Before) -> Rows:
        """(organization, job, kind, queue, attempts, created, finished, last error), the latest first."""
        moment, job_id = before or (None, None)
        return self._rows(
            "SELECT * FROM gateway.ops_dead(:kind, :before, :before_id, :limit)",
            kind=kind,
            before=moment,
            before_id=job_id,
            limit=limit,
        )

    def find_organization_of_dead(self, job_id: UUID) -> UUID | None:
        found: UUID | None = self._session.execute(
            text("SELECT gateway.ops_find_dead(:job_id)"), {"job_id": job_id}
        ).scalar_one_or_none()
        return found

    def security_events(self, *, limit: int, before: Before) -> Rows:
        """(event, at, kind, person, address, details), the latest first."""
        moment, event_id = before or (None, None)
        return self._rows(
            "SELECT * FROM gateway.ops_security_events(:before, :before_id, :limit)",
            before=moment,
            before_id=event_id,
            limit=limit,
        )

    def _rows(self, statement: str, **values: Any) -> Rows:
        return list(self._session.execute(text(statement), values))


class DeadJobRepository(ScopedRepository[Job]):
    """Dead jobs of one organization, for the operator who retries or drops them."""

    model = Job
    what = "dead job"

    def lock(self, job_id: UUID) -> Job | None:
        """The row, locked until the transaction ends; None when it is not dead any more."""
        statement = self._select().where(col(Job.id) == job_id, col(Job.state) == JobState.DEAD).with_for_update()
        job: Job | None = self._session.execute(statement).scalar_one_or_none()
        return job

    def queue_again(self, job_id: UUID) -> None:
        self._session.execute(self._update().where(col(Job.id) == job_id).values(**_ANEW, run_after=func.now()))

    def drop(self, job_id: UUID) -> None:
        self._session.execute(self._update().where(col(Job.id) == job_id).values(**_DROPPED))


class InstanceWorkRepository(Repository):
    """Queues, schedules and jobs of the instance itself."""

    def paused(self) -> dict[str, datetime]:
        rows = self._session.execute(select(col(PausedQueue.queue), col(PausedQueue.paused_at)))
        return {row[0]: row[1] for row in rows}

    def pause(self, queue: str) -> bool:
        """False when it was paused already."""
        statement = insert(PausedQueue).values(queue=queue).on_conflict_do_nothing().returning(col(PausedQueue.queue))
        return self._session.execute(statement).scalar_one_or_none() is not None

    def resume(self, queue: str) -> bool:
        statement = delete(PausedQueue).where(col(PausedQueue.queue) == queue).returning(col(PausedQueue.queue))
        return self._session.execute(statement).scalar_one_or_none() is not None

    def workers(self, limit: int) -> list[Worker]:
        statement = select(Worker).order_by(col(Worker.kind), col(Worker.host), col(Worker.started_at), col(Worker.id))
        return list(self._session.execute(statement.limit(limit)).scalars())

    def schedules(self) -> list[Schedule]:
        """Those that this version knows."""
        statement = select(Schedule).where(col(Schedule.kind).in_(_KNOWN)).order_by(col(Schedule.id))
        return list(self._session.execute(statement).scalars())

    def find_schedule(self, schedule_id: str) -> Schedule | None:
        """The row, locked until the transaction ends, so that two operators take turns."""
        statement = select(Schedule).where(col(Schedule.id) == schedule_id, col(Schedule.kind).in_(_KNOWN))
        schedule: Schedule | None = self._session.execute(statement.with_for_update()).scalar_one_or_none()
        return schedule

    def latest_runs(self) -> dict[str, InstanceJob]:
        """By kind, the run that was begun last."""
        statement = (
            select(InstanceJob)
            .where(col(InstanceJob.started_at).is_not(None))
            .ext(distinct_on(col(InstanceJob.kind)))
            .order_by(col(InstanceJob.kind), col(InstanceJob.started_at).desc())
        )
        return {job.kind: job for job in self._session.execute(statement).scalars()}

    def waits(self, kind: str) -> bool:
        statement = select(col(InstanceJob.id)).where(
            col(InstanceJob.kind) == kind, col(InstanceJob.state).in_(_WAITING)
        )
        return self._session.execute(statement.limit(1)).scalar_one_or_none() is not None

    def queue(self, kind: str, key: str) -> None:
        self._session.add(InstanceJob(kind=kind, queue=QUEUE, idempotency_key=key))

    def queue_again(self, job_id: UUID) -> bool:
        """False when there is no such dead job of the instance, or its kind is of another version."""
        statement = self._update_dead(job_id).where(col(InstanceJob.kind).in_(_KNOWN))
        return self._found(statement.values(**_ANEW, run_after=func.now()))

    def drop(self, job_id: UUID) -> bool:
        return self._found(self._update_dead(job_id).values(**_DROPPED))

    def _update_dead(self, job_id: UUID) -> Update:
        return update(InstanceJob).where(col(InstanceJob.id) == job_id, col(InstanceJob.state) == JobState.DEAD)

    def _found(self, update_of_dead: Update) -> bool:
        statement = update_of_dead.returning(col(InstanceJob.id))
        return self._session.execute(statement).scalar_one_or_none() is not None

    def server_version(self) -> str:
        return str(self._session.execute(text("SHOW server_version")).scalar_one())


class OperatorTokenRepository(Repository):
    def find(self, token_hash: bytes) -> UUID | None:
        """The living token with this hash; its use is noted."""
        found: UUID | None = self._session.execute(
            text("SELECT gateway.find_operator_token(:token_hash)"), {"token_hash": token_hash}
        ).scalar_one_or_none()
        return found

    def add(self, token: OperatorToken) -> None:
        self._session.execute(insert(OperatorToken).values(**token.model_dump()))

    def list_living(self, limit: int) -> Rows:
        """(id, hint, created, last used), the latest first."""
        return list(self._session.execute(text("SELECT * FROM gateway.ops_tokens(:limit)"), {"limit": limit}))

    def revoke(self, token_id: UUID) -> bool:
        statement = text("SELECT gateway.revoke_operator_token(:token_id)")
        return bool(self._session.execute(statement, {"token_id": token_id}).scalar_one())
