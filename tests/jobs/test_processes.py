"""Whole processes: started before what they need, schedulers in pairs, a scheduler whose clock is wrong."""

import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack

import pytest
from rq_scheduler import Scheduler

from clasio_backend.core.redis import JOBS_DATABASE, shared
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import get_document
from clasio_backend.models.documents import Outcome
from jobs import schedules
from jobs.schedules import BY_ID, SCHEDULES, register_all
from tests import factories
from tests.cast import Actor
from tests.jobs.processes import background, wait_for
from tests.servers import Servers
from tests.worker import Worker

HOUR_SECONDS = 3600
SHIFTED = """
from datetime import timedelta
from rq_scheduler import scheduler as library
class Shifted(library.datetime):
    @classmethod
    def utcnow(cls):
        return super().utcnow() + timedelta(hours={hours})
library.datetime = Shifted
from jobs.schedules import main
main()
"""
SCHEDULER = ("-m", "jobs.schedules")
ALL_QUEUES = ("-m", "jobs.worker")


@pytest.fixture(autouse=True)
def _no_ticks(servers: Servers) -> Iterator[None]:
    with servers.as_owner() as connection:
        connection.execute("TRUNCATE schedule_ticks, schedules, instance_jobs")
    yield
    with servers.as_owner() as connection:
        connection.execute("TRUNCATE schedule_ticks, schedules, instance_jobs")


def scores() -> dict[str, float]:
    """When each schedule fires next, by Redis."""
    found = shared(JOBS_DATABASE).zrange(Scheduler.scheduled_jobs_key, 0, -1, withscores=True)
    return {name.decode(): score for name, score in found}


def all_fire_after(moment: float, names: Collection[str] = BY_ID.keys()) -> bool:
    """Whether these schedules fire next after `moment`.

    An entry is away from Redis while its scheduler takes it, until it puts it back: one that is missing does not, yet.
    """
    found = scores()
    return all(found.get(name, 0) > moment for name in names)


def kinds_of_jobs(servers: Servers) -> set[str]:
    with servers.as_owner() as connection:
        return {row[0] for row in connection.execute("SELECT kind FROM instance_jobs").fetchall()}


def expect_one_job_for_each_due_time(servers: Servers) -> None:
    """Of each schedule one, or two when the hour has changed during the test."""
    assert kinds_of_jobs(servers) == {entry.kind for entry in SCHEDULES}
    with servers.as_owner() as connection:
        jobs = connection.execute("SELECT kind, idempotency_key FROM instance_jobs").fetchall()
        hours = connection.execute("SELECT count(DISTINCT due_at) FROM schedule_ticks").fetchone()
    assert len(set(jobs)) == len(jobs)
    assert hours is not None
    assert len(jobs) <= len(SCHEDULES) * min(2, hours[0])


def overdue(hours: float) -> None:
    """All schedules should have fired so long ago."""
    register_all()
    for name in BY_ID:
        shared(JOBS_DATABASE).zadd(Scheduler.scheduled_jobs_key, {name: time.time() - hours * HOUR_SECONDS})


def has_ticked(servers: Servers) -> bool:
    """Each schedule has fired, and a worker has run what its ticks made."""
    with servers.as_owner() as connection:
        ticks = connection.execute("SELECT count(DISTINCT schedule_id) FROM schedule_ticks").fetchone()
        left = connection.execute("SELECT count(*) FROM instance_jobs WHERE state <> 'succeeded'").fetchone()
    return (ticks, left) == ((len(SCHEDULES),), (0,)) and all_fire_after(time.time())


def test_two_schedulers_that_were_down_for_hours_make_one_job_of_each_schedule(
    servers: Servers, worker: Worker
) -> None:
    overdue(hours=20)
    with ExitStack() as processes:
        for command in (SCHEDULER, SCHEDULER, ALL_QUEUES):
            processes.enter_context(background(servers, *command))
        wait_for(lambda: has_ticked(servers))
        overdue(hours=0)  # both again, in the same hour
        wait_for(lambda: all_fire_after(time.time()))
    expect_one_job_for_each_due_time(servers)


def test_a_scheduler_whose_clock_is_an_hour_ahead_fires_early_and_makes_nothing_twice(
    servers: Servers, worker: Worker
) -> None:
    overdue(hours=0)
    with background(servers, *ALL_QUEUES):
        with background(servers, *SCHEDULER):
            wait_for(lambda: has_ticked(servers))
        with background(servers, "-c", SHIFTED.format(hours=1)):
            hourly = [entry.id for entry in SCHEDULES if entry.interval.total_seconds() == HOUR_SECONDS]
            wait_for(lambda: all_fire_after(time.time() + 1.5 * HOUR_SECONDS, hourly))
        wait_for(lambda: has_ticked(servers))
    expect_one_job_for_each_due_time(servers)


def test_a_scheduler_whose_clock_is_an_hour_behind_starves_nothing(servers: Servers, worker: Worker) -> None:
    overdue(hours=0.5)
    with servers.as_owner() as connection:
        for entry in SCHEDULES:  # known for long
            connection.execute(
                "INSERT INTO schedules (id, kind, interval_seconds, last_due_at)"
                " VALUES (%s, %s, 1, now() - interval '9 days')"
                " ON CONFLICT (id) DO UPDATE SET last_due_at = excluded.last_due_at",
                [entry.id, entry.kind],
            )
    with background(servers, "-c", SHIFTED.format(hours=-1)), background(servers, *ALL_QUEUES):

        def is_made_up() -> bool:
            schedules.make_up_missed()
            return kinds_of_jobs(servers) == {entry.kind for entry in SCHEDULES}

        wait_for(is_made_up)
        left = scores()  # it still thinks that nothing is due, so it takes none away
        assert set(left) == set(BY_ID)
        assert max(left.values()) < time.time()


def test_what_is_started_before_its_servers_waits_and_says_so(owner: Actor, servers: Servers, worker: Worker) -> None:
    servers.valkey.stop()
    servers.postgres.stop()
    log = servers.folder / "waiting.log"
    waits_for = '"for": "{}"'

    def said(what: str) -> int:
        return log.read_text().count(waits_for.format(what)) if log.exists() else 0

    try:
        with ExitStack() as processes:
            started = [
                processes.enter_context(background(servers, "-m", module, log=log.name))
                for module in ("jobs.worker", "jobs.control", "jobs.schedules")
            ]
            wait_for(lambda: said("database") >= 3)
            servers.postgres.start()
            wait_for(lambda: said("redis") >= 2)  # control needs none to begin
            document = factories.upload(owner.scope)
            servers.valkey.start()

            def is_done() -> bool:
                with unit_of_work(owner.scope) as uow:
                    return get_document(uow, document.id).outcome == Outcome.DONE

            wait_for(is_done)
            wait_for(lambda: set(scores()) == set(BY_ID))
            assert [process.poll() for process in started] == [None, None, None]
    finally:
        if servers.postgres.process is None or servers.postgres.process.poll() is not None:
            servers.postgres.start()
        if servers.valkey.process is None or servers.valkey.process.poll() is not None:
            servers.valkey.start()
