"""Schedules: `python -m jobs.schedules` runs rq-scheduler, which only enqueues ticks.

A tick claims `(schedule, due time)` in Postgres before it does anything, so two schedulers are harmless and a doubled
tick is nothing. Entries have fixed ids (without one every start adds another) and are registered again by `control`,
because a flush of Redis removes them.
"""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rq.job import Job
from rq.serializers import JSONSerializer
from rq_scheduler import Scheduler

from clasio_backend.core.clock import now
from clasio_backend.core.instance_jobs import QUEUE, InstanceJobKind, claim_tick
from clasio_backend.core.redis import JOBS_DATABASE, connect, shared
from jobs.process import background_process

LOOK_SECONDS = 1


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """`id` fits RQ's rule for job ids: letters, digits, dash and underscore."""

    id: str
    kind: InstanceJobKind
    interval: timedelta


SCHEDULES: tuple[ScheduleEntry, ...] = (ScheduleEntry("clean-up", InstanceJobKind.CLEAN_UP, timedelta(hours=1)),)


class JsonJob(Job):
    """rq-scheduler always writes pickle; with this class it writes JSON, as our workers read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["serializer"] = JSONSerializer
        super().__init__(*args, **kwargs)


def register_all() -> None:
    """Puts every schedule into Redis that is not there; those that are there keep their next time."""
    scheduler = Scheduler(queue_name=QUEUE.value, connection=shared(JOBS_DATABASE), job_class=JsonJob)
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
    """The RQ task that rq-scheduler enqueues."""
    entry = next(entry for entry in SCHEDULES if entry.id == schedule_id)
    claim_tick(entry.id, entry.kind, entry.interval, last_due(entry))


def main() -> None:
    os.environ["TZ"] = "UTC"  # the library reads cron strings in the process's time zone
    time.tzset()
    with background_process("scheduler"):
        register_all()
        scheduler = Scheduler(
            queue_name=QUEUE.value, interval=LOOK_SECONDS, connection=connect(JOBS_DATABASE), job_class=JsonJob
        )
        scheduler.run()


if __name__ == "__main__":
    main()
