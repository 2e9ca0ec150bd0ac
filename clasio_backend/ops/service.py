"""How the instance is: queues, workers, what runs, schedules, versions, and what is wrong."""

import platform
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from redis.exceptions import RedisError

from clasio_backend import VERSION
from clasio_backend.core.clock import now
from clasio_backend.core.job_queue import QueueName
from clasio_backend.core.redis import JOBS_DATABASE, shared
from clasio_backend.core.scope import NoScope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.core.workers import SILENT_MEANS_GONE
from clasio_backend.documents.reading import ReaderUnavailable, standing_walls, walls
from clasio_backend.models import InstanceJob, Schedule, Worker
from clasio_backend.ops.access import Operator
from clasio_backend.ops.dead import list_dead_kinds
from clasio_backend.ops.problems import SLOW, find_problems
from clasio_backend.ops.repository import InstanceWorkRepository, WorkRepository
from clasio_backend.ops.scanner import read_scanner
from clasio_backend.ops.schemas import OpsRow, QueueRow, RunningRow, ScheduleRow, VersionRow, WorkerRow

MAX_RUNNING = 50
MAX_WORKERS = 200


def read_ops(operator: Operator) -> OpsRow:
    """Everything of the Ops page but dead jobs and security events, which are read a page at a time."""
    with unit_of_work(NoScope(operator.request_id)) as uow:
        workers = _workers(uow)
        queues = _queues(uow, workers)
        schedules = _schedules(uow, workers)
        dead = list_dead_kinds(uow)
        running = tuple(_running(*row) for row in uow.repository(WorkRepository).running(MAX_RUNNING))
    scanner = read_scanner()
    problems = find_problems(queues, dead, schedules, workers, scanner, _open_ways())
    return OpsRow(problems, queues, running, dead, schedules, workers, scanner)


def _open_ways() -> str:
    """What the kernel of this host leaves open to readers; unknown while there are none."""
    try:
        return walls.in_words(standing_walls())
    except ReaderUnavailable:
        return ""


def read_versions(operator: Operator) -> list[VersionRow]:
    """What this instance is made of."""
    with unit_of_work(NoScope(operator.request_id)) as uow:
        postgres = uow.repository(InstanceWorkRepository).server_version()
    return [
        VersionRow("Clasio", VERSION),
        VersionRow("Python", platform.python_version()),
        VersionRow("Postgres", postgres.partition(" ")[0]),
        _redis_version(),
    ]


def _redis_version() -> VersionRow:
    try:
        found = cast("dict[str, Any]", shared(JOBS_DATABASE).info("server"))
    except RedisError:
        return VersionRow("Redis", "does not answer")
    if "valkey_version" in found:
        return VersionRow("Valkey", str(found["valkey_version"]))
    return VersionRow("Redis", str(found.get("redis_version", "")))


def _workers(uow: UnitOfWork) -> tuple[WorkerRow, ...]:
    return tuple(_worker(worker) for worker in uow.repository(InstanceWorkRepository).workers(MAX_WORKERS))


def _worker(worker: Worker) -> WorkerRow:
    return WorkerRow(
        id=worker.id,
        kind=worker.kind,
        host=worker.host,
        pid=worker.pid,
        queues=tuple(worker.queues),
        started_at=worker.started_at,
        seen_at=worker.seen_at,
        is_silent=worker.seen_at < now() - SILENT_MEANS_GONE,
    )


def _queues(uow: UnitOfWork, workers: tuple[WorkerRow, ...]) -> tuple[QueueRow, ...]:
    counts = {row.queue: row for row in uow.repository(WorkRepository).queues()}
    paused = uow.repository(InstanceWorkRepository).paused()
    rows = []
    for queue in QueueName:
        serving = sum(queue in worker.queues for worker in workers if not worker.is_silent)
        _, due, later, running, oldest = counts.get(queue.value, (queue, 0, 0, 0, None))
        rows.append(QueueRow(queue.value, due, later, running, oldest, paused.get(queue.value), serving))
    return tuple(rows)


def _running(*columns: Any) -> RunningRow:
    organization_id, job_id, kind, queue, attempts, started_at, progress = columns
    done, total = int(progress.get("done", 0)), int(progress.get("total", 0))
    return RunningRow(job_id, organization_id, kind, queue, attempts, started_at, done, total)


def _schedules(uow: UnitOfWork, workers: tuple[WorkerRow, ...]) -> tuple[ScheduleRow, ...]:
    work = uow.repository(InstanceWorkRepository)
    runs = work.latest_runs()
    since = min(
        (worker.started_at for worker in workers if worker.kind == "scheduler" and not worker.is_silent), default=None
    )
    return tuple(_schedule(schedule, runs.get(schedule.kind), since) for schedule in work.schedules())


def _schedule(schedule: Schedule, run: InstanceJob | None, scheduler_since: datetime | None) -> ScheduleRow:
    due = _last_due(schedule.interval_seconds)
    took = (run.finished_at - run.started_at) if run and run.started_at and run.finished_at else None
    return ScheduleRow(
        id=schedule.id,
        kind=schedule.kind,
        interval_seconds=schedule.interval_seconds,
        is_paused=schedule.is_paused,
        is_late=_is_late(schedule, due, scheduler_since),
        last_state=run.state if run else None,
        last_started_at=run.started_at if run else None,
        last_seconds=round(took.total_seconds(), 2) if took is not None else None,
        last_error=run.last_error if run else None,
        next_due_at=None if schedule.is_paused else due + timedelta(seconds=schedule.interval_seconds),
    )


def _last_due(interval_seconds: int) -> datetime:
    """Whole intervals since 1970, in UTC, as `jobs.schedules` counts them."""
    return datetime.fromtimestamp(now().timestamp() // interval_seconds * interval_seconds, UTC)


def _is_late(schedule: Schedule, due: datetime, scheduler_since: datetime | None) -> bool:
    """Whether a due time has passed without a tick. What came due while no scheduler ran is not made up for."""
    if schedule.is_paused or scheduler_since is None or scheduler_since > due or now() - due < SLOW:
        return False
    return schedule.last_due_at is None or schedule.last_due_at < due
