import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from rq_scheduler import Scheduler

from clasio_backend.core.instance_jobs import QUEUE, InstanceJobKind, claim_tick
from clasio_backend.core.job_queue import QueueName
from clasio_backend.core.redis import JOBS_DATABASE, shared
from jobs import control
from jobs.handlers import INSTANCE_HANDLERS
from jobs.runner import run_due
from jobs.schedules import SCHEDULES, JsonJob, last_due, next_due, register_all, tick
from tests.jobs.conftest import wake_ups
from tests.servers import Servers

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_ticks(servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute("TRUNCATE schedule_ticks, schedules, instance_jobs")


def instance_jobs(servers: Servers) -> list[tuple[str, int]]:
    with servers.as_owner() as connection:
        return connection.execute("SELECT state, attempts FROM instance_jobs ORDER BY created_at").fetchall()


def registered() -> list[str]:
    scheduler = Scheduler(queue_name=QUEUE.value, connection=shared(JOBS_DATABASE), job_class=JsonJob)
    return [job.id for job in scheduler.get_jobs()]


def test_a_schedule_is_registered_once_however_often_that_is_asked() -> None:
    for _ in range(3):
        register_all()
    assert registered() == [entry.id for entry in SCHEDULES]


def test_a_flushed_redis_gets_its_schedules_back_from_control() -> None:
    register_all()
    shared(JOBS_DATABASE).flushall()
    assert registered() == []
    control.one_round(0)
    assert registered() == [entry.id for entry in SCHEDULES]


def test_entries_are_json_never_pickle() -> None:
    register_all()
    data = shared(JOBS_DATABASE).hget(f"rq:job:{SCHEDULES[0].id}", "data")
    assert data is not None
    with pytest.raises((pickle.UnpicklingError, ValueError, EOFError)):
        pickle.loads(data)


def test_two_schedulers_make_one_job_of_a_tick(servers: Servers) -> None:
    due = datetime(2026, 5, 4, 10, tzinfo=UTC)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: claim_tick("clean-up", InstanceJobKind.CLEAN_UP, HOUR, due), range(8)))
    assert instance_jobs(servers) == [("queued", 0)]
    assert wake_ups(QueueName.CONTROL) == 1
    claim_tick("clean-up", InstanceJobKind.CLEAN_UP, HOUR, due + HOUR)
    assert len(instance_jobs(servers)) == 2


def test_a_paused_schedule_makes_no_jobs(servers: Servers) -> None:
    tick("clean-up")
    with servers.as_owner() as connection:
        connection.execute("UPDATE schedules SET is_paused = true")
        connection.execute("TRUNCATE schedule_ticks, instance_jobs")
    tick("clean-up")
    assert instance_jobs(servers) == []


def test_due_times_are_whole_intervals_in_utc() -> None:
    for entry in SCHEDULES:
        assert last_due(entry).timestamp() % entry.interval.total_seconds() == 0
        assert next_due(entry) - last_due(entry) == entry.interval


def test_a_tick_ends_in_a_job_that_is_done(servers: Servers) -> None:
    tick("clean-up")
    run_due("control")
    assert instance_jobs(servers) == [("succeeded", 0)]


def test_a_failing_job_of_the_instance_is_tried_three_times(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    monkeypatch.setitem(INSTANCE_HANDLERS, InstanceJobKind.CLEAN_UP, fail)
    tick("clean-up")
    for state in (("queued", 1), ("queued", 2), ("dead", 3)):
        run_due("control")
        assert instance_jobs(servers) == [state]
        with servers.as_owner() as connection:
            connection.execute("UPDATE instance_jobs SET run_after = now()")


def test_a_job_of_the_instance_is_taken_back_from_a_silent_worker(servers: Servers) -> None:
    tick("clean-up")
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE instance_jobs SET state = 'running', lease_token = gen_random_uuid(),"
            " lease_expires_at = now() - interval '1 second'"
        )
    assert control.take_back_expired() == 1
    run_due("control")
    assert instance_jobs(servers) == [("succeeded", 0)]


def test_control_goes_on_when_redis_is_away(servers: Servers) -> None:
    servers.valkey.stop()
    try:
        control.one_round(0)
    finally:
        servers.valkey.start()
    control.one_round(0)
    assert registered() == [entry.id for entry in SCHEDULES]
