"""What operators see: ids and facts about the work, never names or text of documents."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from clasio_backend.core.instance_jobs import InstanceJobKind
from clasio_backend.core.job_queue import JobKind

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
AnyKind = JobKind | InstanceJobKind


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """Something that is wrong (`bad`), or that somebody should know (`warn`), and what to do about it."""

    code: str
    tone: str
    says: str
    fix: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """`due` could start now and has waited since `oldest_due_at` at most; `later` waits for its time."""

    queue: str
    due: int
    later: int
    running: int
    oldest_due_at: datetime | None
    paused_at: datetime | None
    workers: int


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A process that does background work. It is silent when it has not been seen for 30 seconds."""

    id: UUID
    kind: str
    host: str
    pid: int
    queues: tuple[str, ...]
    started_at: datetime
    seen_at: datetime
    is_silent: bool


@dataclass(frozen=True, slots=True)
class RunningRow:
    """`organization_id` is None for work of the instance itself; `total` is 0 where progress is not counted."""

    id: UUID
    organization_id: UUID | None
    kind: str
    queue: str
    attempts: int
    started_at: datetime | None
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class DeadRow:
    """`cause` is the last line of what went wrong, `stack` all of it. `keeps_from_retry` says why it can only go."""

    id: UUID
    organization_id: UUID | None
    kind: str
    queue: str
    attempts: int
    created_at: datetime
    died_at: datetime
    cause: str
    stack: str
    keeps_from_retry: str


@dataclass(frozen=True, slots=True)
class DeadPage:
    """The latest first; `next_cursor` is None on the last page."""

    items: tuple[DeadRow, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class DeadKindRow:
    kind: str
    jobs: int


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """`last_…` are of the latest run, whose `last_state` is a job's; `next_due_at` is None while paused."""

    id: str
    kind: str
    interval_seconds: int
    is_paused: bool
    is_late: bool
    last_state: str | None
    last_started_at: datetime | None
    last_seconds: float | None
    last_error: str | None
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ScannerRow:
    """The virus scanner: `version` is engine and database, None while it does not answer or is off.

    `waiting` documents have no verdict, the oldest since `oldest_at`. `not_scanned` came in while it was off and have
    not been scanned since.
    """

    is_on: bool
    version: str | None
    waiting: int
    oldest_at: datetime | None
    not_scanned: int


@dataclass(frozen=True, slots=True)
class RescanRow:
    """In how many organizations a scan is under way now."""

    organizations: int


class NewRescan(BaseModel):
    """Of one organization or of all: what was never scanned, or also what another engine or database found clean."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organization_id: UUID | None = None
    only_not_scanned: bool = False


@dataclass(frozen=True, slots=True)
class OpsRow:
    """How the instance is, at a glance."""

    problems: tuple[ProblemRow, ...]
    queues: tuple[QueueRow, ...]
    running: tuple[RunningRow, ...]
    dead: tuple[DeadKindRow, ...]
    schedules: tuple[ScheduleRow, ...]
    workers: tuple[WorkerRow, ...]
    scanner: ScannerRow


@dataclass(frozen=True, slots=True)
class Changed:
    """How many jobs were changed, and how many are left: those that cannot be retried, or were too many at once."""

    changed: int
    left: int


@dataclass(frozen=True, slots=True)
class SecurityEventRow:
    """`who` is the address of the person concerned, where there is one."""

    id: UUID
    at: datetime
    kind: str
    sentence: str
    who: str
    ip_address: str
    details: dict[str, str]


@dataclass(frozen=True, slots=True)
class SecurityEventPage:
    """The latest first; `next_cursor` is None on the last page."""

    items: tuple[SecurityEventRow, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class OperatorTokenRow:
    """`hint` is the end of the token's text."""

    id: UUID
    hint: str
    created_at: datetime
    last_used_at: datetime | None


class OpsQuery(BaseModel):
    model_config = ConfigDict(frozen=True)

    cursor: str | None = Field(default=None, max_length=600)
    limit: int = Field(default=PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)


class DeadQuery(OpsQuery):
    kind: AnyKind | None = None


class DeadFilter(BaseModel):
    """Which dead jobs: those of one kind, or all."""

    model_config = ConfigDict(frozen=True)

    kind: AnyKind | None = None
