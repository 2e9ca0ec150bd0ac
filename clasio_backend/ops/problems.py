"""What is wrong and what to do: the first thing that operators see. Computed from the same facts as the page."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from clasio_backend.core.clock import now
from clasio_backend.documents.reading.walls import HOW_TO_MEND
from clasio_backend.models.jobs import JobState
from clasio_backend.ops.schemas import DeadKindRow, ProblemRow, QueueRow, ScannerRow, ScheduleRow, WorkerRow

SLOW = timedelta(minutes=2)
"""How long something due may wait before somebody should look (product.md §10)."""
START_AGAIN = {
    "worker": "Start one with ./clasio worker, or look at the log of ./clasio up for why it stops.",
    "control": "Start it with ./clasio scheduler: without it, jobs of workers that died are not taken back.",
    "scheduler": "Start it with ./clasio scheduler: without it, no schedule runs.",
}
ARTICLE = {"worker": "worker", "control": "control process", "scheduler": "scheduler"}


def find_problems(  # noqa: PLR0913, PLR0917  # the facts of the page
    queues: Sequence[QueueRow],
    dead: Sequence[DeadKindRow],
    schedules: Sequence[ScheduleRow],
    workers: Sequence[WorkerRow],
    scanner: ScannerRow,
    open_ways: str,
) -> tuple[ProblemRow, ...]:
    """The worst first. `open_ways` is what the kernel leaves open to readers, in words."""
    found = [
        *_scanner(scanner),
        *_missing(workers),
        *_dead(dead),
        *_late(schedules),
        *_failed(schedules),
        *_waiting(queues),
    ]
    found += [*_paused(queues), *_paused_schedules(schedules), *_readers(open_ways)]
    return tuple(sorted(found, key=lambda problem: problem.tone != "bad"))


def _scanner(scanner: ScannerRow) -> Iterator[ProblemRow]:
    if scanner.is_on and scanner.version is None:
        waits = "1 document waits" if scanner.waiting == 1 else f"{scanner.waiting:,} documents wait"
        fix = "Start clamd, or check CLAMD_URL: until it answers, nobody can open what comes in."
        yield ProblemRow("scanner_down", "bad", f"The virus scanner does not answer; {waits} for it.", fix)


def _readers(open_ways: str) -> Iterator[ProblemRow]:
    if open_ways:
        yield ProblemRow("readers_open", "warn", open_ways, HOW_TO_MEND)


def _missing(workers: Sequence[WorkerRow]) -> Iterator[ProblemRow]:
    living = {worker.kind for worker in workers if not worker.is_silent}
    for kind in [kind for kind in START_AGAIN if kind not in living]:
        seen = max((worker.seen_at for worker in workers if worker.kind == kind), default=None)
        since = f"for {_how_long(seen)}" if seen else "for a day at least"
        yield ProblemRow(f"no_{kind}", "bad", f"No {ARTICLE[kind]} has been seen {since}.", START_AGAIN[kind])


def _dead(dead: Sequence[DeadKindRow]) -> Iterator[ProblemRow]:
    if count := sum(row.jobs for row in dead):
        words = "1 dead job." if count == 1 else f"{count:,} dead jobs."
        yield ProblemRow("dead_jobs", "bad", words, "Look at the cause below, mend it, then retry or drop them.")


def _late(schedules: Sequence[ScheduleRow]) -> Iterator[ProblemRow]:
    if late := [row.id for row in schedules if row.is_late]:
        yield ProblemRow(
            "schedule_late",
            "bad",
            f"The scheduler is late: {', '.join(late)}.",
            "Look at the log of the scheduler and at Redis; until then, use Run now.",
        )


def _failed(schedules: Sequence[ScheduleRow]) -> Iterator[ProblemRow]:
    for row in schedules:
        if row.last_state == JobState.DEAD:
            yield ProblemRow(
                "schedule_failed",
                "bad",
                f"The last run of {row.id} did not work.",
                "Its cause is among the dead jobs; mend it, then use Run now.",
            )


def _waiting(queues: Sequence[QueueRow]) -> Iterator[ProblemRow]:
    for row in queues:
        if row.paused_at is not None or not row.due:
            continue
        what = f"{row.due:,} {'job is' if row.due == 1 else 'jobs are'} due in the queue {row.queue}"
        if not row.workers:
            fix = f"Start one with ./clasio worker --queues {row.queue}."
            yield ProblemRow("queue_unserved", "bad", f"{what}, and no worker takes from it.", fix)
        elif row.oldest_due_at and now() - row.oldest_due_at > SLOW:
            yield ProblemRow(
                "queue_slow",
                "warn",
                f"{what}, the oldest for {_how_long(row.oldest_due_at)}.",
                "Add a worker, or look below at what runs.",
            )


def _paused(queues: Sequence[QueueRow]) -> Iterator[ProblemRow]:
    for row in queues:
        if row.paused_at is not None:
            waiting = "1 job waits" if row.due == 1 else f"{row.due:,} jobs wait"
            says = f"The queue {row.queue} is paused; {waiting}."
            yield ProblemRow("queue_paused", "warn", says, "Resume it below when you are done.")


def _paused_schedules(schedules: Sequence[ScheduleRow]) -> Iterator[ProblemRow]:
    if paused := [row.id for row in schedules if row.is_paused]:
        says = f"Paused: {', '.join(paused)}."
        yield ProblemRow("schedule_paused", "warn", says, "Resume the schedule below when you are done.")


def _how_long(since: datetime) -> str:
    """In whole minutes, hours or days: words that do not change with every look."""
    minutes = max(0, int((now() - since) / timedelta(minutes=1)))
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count:,} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"
