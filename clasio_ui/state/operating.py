"""The instance's work as the Ops pages show it: text, numbers and flags only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clasio_backend.core.clock import now
from clasio_backend.models.jobs import JobState
from clasio_backend.ops.schemas import (
    DeadKindRow,
    DeadRow,
    QueueRow,
    RunningRow,
    ScannerRow,
    ScheduleRow,
    SecurityEventRow,
    WorkerRow,
)
from clasio_ui.state.rows import iso

RESULTS = {
    JobState.SUCCEEDED: ("Worked", "good"),
    JobState.RUNNING: ("Running", ""),
    JobState.QUEUED: ("Tried again soon", "warn"),
    JobState.DEAD: ("Did not work", "bad"),
    JobState.CANCELLED: ("Dropped", ""),
}
UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


@dataclass(frozen=True)
class ProblemItem:
    code: str
    tone: str
    says: str
    fix: str


@dataclass(frozen=True)
class QueueItem:
    name: str
    due: str
    later: str
    running: str
    oldest_at: str
    workers: str
    is_paused: bool


def queue_item(row: QueueRow) -> QueueItem:
    return QueueItem(
        name=row.queue,
        due=f"{row.due:,}",
        later=f"{row.later:,}",
        running=f"{row.running:,}",
        oldest_at=iso(row.oldest_due_at),
        workers="no worker" if not row.workers else f"{row.workers} worker{'' if row.workers == 1 else 's'}",
        is_paused=row.paused_at is not None,
    )


@dataclass(frozen=True)
class RunningItem:
    """`progress` is "3 of 7", or empty where it is not counted."""

    id: str
    kind: str
    whose: str
    queue: str
    started_at: str
    progress: str
    done: int
    total: int


def running_item(row: RunningRow) -> RunningItem:
    progress = f"{row.done:,} of {row.total:,}" if row.total else ""
    return RunningItem(
        str(row.id),
        row.kind,
        _whose(row.organization_id),
        row.queue,
        iso(row.started_at),
        progress,
        row.done,
        row.total,
    )


@dataclass(frozen=True)
class DeadItem:
    id: str
    kind: str
    whose: str
    tries: str
    died_at: str
    cause: str
    stack: str
    keeps_from_retry: str


def dead_item(row: DeadRow) -> DeadItem:
    return DeadItem(
        id=str(row.id),
        kind=row.kind,
        whose=_whose(row.organization_id),
        tries=f"{row.attempts} tr{'y' if row.attempts == 1 else 'ies'}",
        died_at=iso(row.died_at),
        cause=row.cause,
        stack=row.stack if row.stack != row.cause else "",
        keeps_from_retry=row.keeps_from_retry,
    )


@dataclass(frozen=True)
class KindItem:
    value: str
    label: str


def kind_item(row: DeadKindRow) -> KindItem:
    return KindItem(row.kind, f"{row.kind} ({row.jobs:,})")


@dataclass(frozen=True)
class ScheduleItem:
    """`every` and `next` are words; `tone` belongs to `result`."""

    id: str
    every: str
    is_paused: bool
    is_late: bool
    result: str
    tone: str
    last_at: str
    took: str
    error: str
    next: str


def schedule_item(row: ScheduleRow) -> ScheduleItem:
    result, tone = RESULTS[JobState(row.last_state)] if row.last_state else ("Not run yet", "")
    return ScheduleItem(
        id=row.id,
        every=_every(row.interval_seconds),
        is_paused=row.is_paused,
        is_late=row.is_late,
        result=result,
        tone=tone,
        last_at=iso(row.last_started_at),
        took="" if row.last_seconds is None else f", took {row.last_seconds:,.1f} s",
        error=row.last_error or "",
        next=_in(row.next_due_at) if row.next_due_at else "",
    )


@dataclass(frozen=True)
class WorkerItem:
    id: str
    kind: str
    where: str
    queues: str
    started_at: str
    seen_at: str
    is_silent: bool


def worker_item(row: WorkerRow) -> WorkerItem:
    return WorkerItem(
        id=str(row.id),
        kind=row.kind.capitalize(),
        where=f"{row.host}, process {row.pid}",
        queues=", ".join(row.queues),
        started_at=iso(row.started_at),
        seen_at=iso(row.seen_at) if row.is_silent else "",
        is_silent=row.is_silent,
    )


@dataclass(frozen=True)
class EventItem:
    id: str
    at: str
    before: str
    who: str
    sentence: str
    detail: str
    is_bad: bool


def event_items(rows: tuple[SecurityEventRow, ...]) -> list[EventItem]:
    items: list[EventItem] = []
    for row in rows:
        details = [f"{name.replace('_', ' ')} {value}" for name, value in row.details.items() if name != "by_token"]
        details += [f"from {row.ip_address}"] * bool(row.ip_address)
        before = items[-1].at if items else ""
        is_bad = row.kind.endswith("_failed")
        items.append(EventItem(str(row.id), iso(row.at), before, row.who, row.sentence, ", ".join(details), is_bad))
    return items


def _whose(organization_id: UUID | None) -> str:
    return f"organization {organization_id}" if organization_id else "the instance"


def _every(seconds: int) -> str:
    size, unit = next((size, unit) for size, unit in (*UNITS, (1, "second")) if seconds % size == 0)
    count = seconds // size
    return f"every {unit}" if count == 1 else f"every {count:,} {unit}s"


def _in(moment: datetime) -> str:
    """In begun minutes, hours or days, so that the words do not change with every look."""
    seconds = max(60, (moment - now()).total_seconds())
    size, unit = next((size, unit) for size, unit in UNITS if seconds >= size)
    count = -(-int(seconds) // size)
    return f"in {count} {unit}{'' if count == 1 else 's'}"


def scanner_words(row: ScannerRow) -> str:
    """One line: off, up with its version, or away; and how many documents wait for a verdict."""
    unscanned = f", {row.not_scanned:,} not scanned" if row.not_scanned else ""
    if not row.is_on:
        return f"Virus scanner: off, so files are marked as not scanned{unscanned}"
    waits = f", {row.waiting:,} waiting for a verdict" if row.waiting else ""
    return f"Virus scanner: {row.version or 'does not answer'}{waits}{unscanned}"
