from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import (
    UTC_TIME,
    created_field,
    id_field,
    json_field,
    organization_field,
    organization_key,
    time_field,
)


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DEAD = "dead"
    CANCELLED = "cancelled"


_STATES = ", ".join(f"'{state}'" for state in JobState)
QUEUED = text("state = 'queued'")
RUNNING = text("state = 'running'")
DEAD = text("state = 'dead'")


class _JobColumns(SQLModel):
    """What a tenant's job and an instance's job have in common (architecture.md "Jobs")."""

    kind: str = Field(max_length=60)
    queue: str = Field(max_length=20)
    priority: int = Field(default=100, sa_type=SmallInteger, sa_column_kwargs={"server_default": text("100")})
    idempotency_key: str = Field(max_length=200)
    payload: dict[str, Any] = json_field("{}")
    state: str = Field(default=JobState.QUEUED, max_length=20)
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    max_attempts: int = Field(default=3, sa_column_kwargs={"server_default": text("3")})
    lost_leases: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    run_after: datetime = created_field()
    lease_token: UUID | None = Field(default=None)
    lease_expires_at: datetime | None = time_field()
    progress: dict[str, Any] = json_field("{}")
    last_error: str | None = Field(default=None)
    request_id: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": text("''")})
    created_at: datetime = created_field()
    started_at: datetime | None = time_field()
    finished_at: datetime | None = time_field()


class Job(_JobColumns, table=True):
    """A durable unit of background work of one organization. `payload` holds ids only."""

    __tablename__ = "jobs"
    __table_args__ = (
        organization_key("jobs"),
        UniqueConstraint("organization_id", "kind", "idempotency_key", name="uq_jobs_key"),
        CheckConstraint(f"state IN ({_STATES})", name="ck_jobs_state"),
        Index("ix_jobs_due", "queue", "organization_id", "priority", "run_after", "id", postgresql_where=QUEUED),
        Index("ix_jobs_running", "queue", "organization_id", postgresql_where=RUNNING),
        Index("ix_jobs_leases", "lease_expires_at", postgresql_where=RUNNING),
        Index("ix_jobs_of_document", "organization_id", "document_id", postgresql_where=QUEUED),
        Index("ix_jobs_dead", "finished_at", "id", postgresql_where=DEAD),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    document_id: UUID | None = Field(default=None)
    created_by: UUID | None = Field(default=None)


class InstanceJob(_JobColumns, table=True):
    """The same for work that belongs to the instance (backup, alerts, clean-up)."""

    __tablename__ = "instance_jobs"
    __table_args__ = (
        UniqueConstraint("kind", "idempotency_key", name="uq_instance_jobs_key"),
        CheckConstraint(f"state IN ({_STATES})", name="ck_instance_jobs_state"),
        Index("ix_instance_jobs_due", "queue", "priority", "run_after", "id", postgresql_where=QUEUED),
        Index("ix_instance_jobs_leases", "lease_expires_at", postgresql_where=RUNNING),
        Index("ix_instance_jobs_dead", "finished_at", "id", postgresql_where=DEAD),
    )

    id: UUID = id_field()


class Schedule(SQLModel, table=True):
    """A repeated piece of work; the list is declared in `jobs/schedules.py`, this row is its state."""

    __tablename__ = "schedules"

    id: str = Field(primary_key=True, max_length=60)
    kind: str = Field(max_length=60)
    interval_seconds: int
    is_paused: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    last_due_at: datetime | None = time_field()


class ScheduleTick(SQLModel, table=True):
    """A tick that was claimed: with it two schedulers are harmless."""

    __tablename__ = "schedule_ticks"

    schedule_id: str = Field(primary_key=True, max_length=60, foreign_key="schedules.id")
    due_at: datetime = Field(primary_key=True, sa_type=UTC_TIME)
    claimed_at: datetime = created_field()


class PausedQueue(SQLModel, table=True):
    """A queue that hands out nothing until an operator resumes it; what is queued stays."""

    __tablename__ = "paused_queues"

    queue: str = Field(primary_key=True, max_length=20)
    paused_at: datetime = created_field()


class QueueTurn(SQLModel, table=True):
    """When an organization was last given a job of a queue, so that organizations take turns."""

    __tablename__ = "queue_turns"
    __table_args__ = (organization_key("queue_turns"),)

    organization_id: UUID = organization_field()
    queue: str = Field(primary_key=True, max_length=20)
    at: datetime = Field(sa_type=UTC_TIME)


class Worker(SQLModel, table=True):
    """A process that does background work, by its own word; silent for 30 s means gone."""

    __tablename__ = "workers"
    __table_args__ = (Index("ix_workers_seen_at", "seen_at"),)

    id: UUID = id_field()
    kind: str = Field(max_length=20)
    queues: list[str] = json_field("[]")
    host: str = Field(max_length=200)
    pid: int
    started_at: datetime = created_field()
    seen_at: datetime = created_field()
