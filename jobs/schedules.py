"""Schedules: `python -m jobs.schedules` runs rq-scheduler, which only enqueues ticks.

A tick claims `(schedule, due time)` in Postgres before it does anything, so two schedulers are harmless and a doubled
tick is nothing. Entries have fixed ids (without one every start adds another) and are registered again by `control`,
because a flush of Redis removes them. `control` also claims what no scheduler did: each schedule's latest due time, so
that hours of silence end in one tick.
"""

import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.exceptions import RedisError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq_scheduler import Scheduler

from clasio_backend.core.clock import now
from clasio_backend.core.instance_jobs import QUEUE, InstanceJobKind, claim_tick, declare_schedules, make_up_tick
from clasio_backend.core.redis import JOBS_DATABASE, connect, shared
from clasio_backend.core.waiting import wait_for_redis
from jobs.process import background_process

log = logging.getLogger(__name__)
LOOK_SECONDS = 1
LATE = timedelta(seconds=30)
"""After this `control` takes a due time for missed."""


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """`id` fits RQ's rule for job ids: letters, digits, dash and underscore."""

    id: str
    kind: InstanceJobKind
    interval: timedelta


SCHEDULES: tuple[ScheduleEntry, ...] = (
    ScheduleEntry("clean-up", InstanceJobKind.CLEAN_UP, timedelta(hours=1)),
    ScheduleEntry("activity-clean-up", InstanceJobKind.ACTIVITY_CLEAN_UP, timedelta(hours=1)),
    ScheduleEntry("purge", InstanceJobKind.PURGE, timedelta(hours=1)),
    ScheduleEntry("usage-reconcile", InstanceJobKind.RECONCILE_USAGE, timedelta(days=1)),
    ScheduleEntry("share-notices", InstanceJobKind.SHARE_NOTICES, timedelta(hours=1)),
    ScheduleEntry("export-clean-up", InstanceJobKind.EXPORT_CLEAN_UP, timedelta(hours=1)),
    ScheduleEntry("page-clean-up", InstanceJobKind.PAGE_CLEAN_UP, timedelta(hours=1)),
    ScheduleEntry("deletions", InstanceJobKind.DELETIONS, timedelta(hours=1)),
    ScheduleEntry("rescans", InstanceJobKind.RESCANS, timedelta(minutes=5)),
    ScheduleEntry("usage-reservations", InstanceJobKind.RESERVATIONS, timedelta(minutes=5)),
)
BY_ID = {entry.id: entry for entry in SCHEDULES}


class JsonJob(Job):
    """rq-scheduler always writes pickle; with this class it writes JSON, as our workers read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["serializer"] = JSONSerializer
        super().__init__(*args, **kwargs)


class TickScheduler(Scheduler):  # type: ignore[misc]  # the library has no types
    """Ends also when Redis is away: what it would say there runs out by itself."""

    def register_death(self) -> None:
        with suppress(RedisError):
            super().register_death()

    def remove_lock(self) -> None:
        with suppress(RedisError):
            super().remove_lock()


def register_all() -> None:
    """Puts every schedule into Redis that is not there, and takes out those of another version.

    Those that are there keep their next time.
    """
    declare_schedules({entry.id: (entry.kind, int(entry.interval.total_seconds())) for entry in SCHEDULES})
    scheduler = Scheduler(queue_name=QUEUE.value, connection=shared(JOBS_DATABASE), job_class=JsonJob)
    for known in scheduler.connection.zrange(scheduler.scheduled_jobs_key, 0, -1):
        if known.decode() not in BY_ID:
            scheduler.cancel(known.decode())
    for entry in SCHEDULES:
        if entry.id not in scheduler:
            scheduler.schedule(
                scheduled_time=next_due(entry).replace(tzinfo=None),
                func="jobs.schedules.tick",
                args=[entry.id],
                interval=int(entry.interval.total_seconds()),
                result_ttl=-1,
                id=entry.id,
                queue_name=QUEUE.value,
            )


def next_due(entry: ScheduleEntry) -> datetime:
    return last_due(entry) + entry.interval


def last_due(entry: ScheduleEntry) -> datetime:
    """The latest moment at which `entry` was due: whole intervals since 1970, in UTC."""
    seconds = entry.interval.total_seconds()
    return datetime.fromtimestamp(now().timestamp() // seconds * seconds, UTC)


def tick(schedule_id: str) -> None:
    """The RQ task that rq-scheduler enqueues. A schedule that only another version knows is nothing to us."""
    entry = BY_ID.get(schedule_id)
    if entry is not None:
        claim_tick(entry.id, entry.kind, entry.interval, last_due(entry))


def make_up_missed() -> None:
    """Claims the latest due time of each schedule, if nobody has: once, however many were missed before it."""
    for entry in SCHEDULES:
        due = last_due(entry)
        if now() - due > LATE and make_up_tick(entry.id, entry.kind, entry.interval, due):
            log.warning("tick_made_up", extra={"schedule": entry.id, "due_at": due.isoformat()})


def main() -> None:
    os.environ["TZ"] = "UTC"  # the library reads cron strings in the process's time zone
    time.tzset()
    with background_process("scheduler"):
        while True:
            wait_for_redis()
            try:
                register_all()
                _run_until_stopped()
            except RedisError as error:
                log.warning("redis_away", extra={"error": type(error).__name__})


def _run_until_stopped() -> None:
    connection = connect(JOBS_DATABASE)
    TickScheduler(queue_name=QUEUE.value, interval=LOOK_SECONDS, connection=connection, job_class=JsonJob).run()


if __name__ == "__main__":
    main()
