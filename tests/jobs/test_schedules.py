import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from rq_scheduler import Scheduler
from sqlalchemy.exc import OperationalError

from clasio_backend.core.instance_jobs import (
    QUEUE,
    STOPPED_EACH_TIME,
    InstanceJobKind,
    claim_next_of_instance,
    claim_tick,
)
from clasio_backend.core.job_queue import MAX_LOST_LEASES, QueueName
from clasio_backend.core.redis import JOBS_DATABASE, shared
from jobs import control, lease, schedules
from jobs.handlers import INSTANCE_HANDLERS
from jobs.runner import run_due
from jobs.schedules import SCHEDULES, JsonJob, last_due, next_due, register_all, tick
from tests.jobs.conftest import wake_ups
from tests.servers import Servers

HOUR = timedelta(hours=1)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LATE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _no_ticks(servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute("TRUNCATE schedule_ticks, schedules, instance_jobs")


def instance_jobs(servers: Servers) -> list[tuple[str, int]]:
    with servers.as_owner() as connection:
        return connection.execute("SELECT state, attempts FROM instance_jobs ORDER BY created_at").fetchall()


def registered() -> list[str]:
    scheduler = Scheduler(queue_name=QUEUE.value, connection=shared(JOBS_DATABASE), job_class=JsonJob)
    return sorted(job.id for job in scheduler.get_jobs())


def test_a_schedule_is_registered_once_however_often_that_is_asked() -> None:
    for _ in range(3):
        register_all()
    assert registered() == sorted(entry.id for entry in SCHEDULES)


def test_a_flushed_redis_gets_its_schedules_back_from_control() -> None:
    register_all()
    shared(JOBS_DATABASE).flushall()
    assert registered() == []
    control.one_round(0)
    assert registered() == sorted(entry.id for entry in SCHEDULES)


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


def test_a_job_of_the_instance_that_keeps_killing_its_worker_is_dead(servers: Servers) -> None:
    tick("clean-up")
    for lost in range(1, MAX_LOST_LEASES + 1):
        assert claim_next_of_instance() is not None
        with servers.as_owner() as connection:
            connection.execute("UPDATE instance_jobs SET lease_expires_at = now() - interval '1 second'")
        assert control.take_back_expired() == 1
        with servers.as_owner() as connection:
            row = connection.execute("SELECT lost_leases, last_error, finished_at IS NOT NULL FROM instance_jobs")
            is_dead = lost == MAX_LOST_LEASES
            assert row.fetchone() == (lost, STOPPED_EACH_TIME if is_dead else None, is_dead)
    assert instance_jobs(servers) == [("dead", 0)]
    assert claim_next_of_instance() is None


def test_a_kind_of_the_instance_that_only_a_newer_version_knows_is_set_aside(servers: Servers) -> None:
    tick("clean-up")
    with servers.as_owner() as connection:
        connection.execute("UPDATE instance_jobs SET kind = 'newer.kind', priority = 1")
    tick("purge")
    run_due("control")
    with servers.as_owner() as connection:
        rows = connection.execute("SELECT kind, state, run_after > now() FROM instance_jobs ORDER BY kind").fetchall()
    assert rows == [("instance.purge", "succeeded", False), ("newer.kind", "queued", True)]


def test_a_database_that_goes_away_uses_up_no_attempt_of_an_instance_job(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose() -> None:
        raise OperationalError("statement", {}, ConnectionError("gone"))

    monkeypatch.setitem(INSTANCE_HANDLERS, InstanceJobKind.CLEAN_UP, lose)
    tick("clean-up")
    run_due("control")
    assert instance_jobs(servers) == [("running", 0)]  # until the lease runs out


def test_a_schedule_of_another_version_leaves_redis_and_its_tick_is_nothing(servers: Servers) -> None:
    register_all()
    scheduler = Scheduler(queue_name=QUEUE.value, connection=shared(JOBS_DATABASE), job_class=JsonJob)
    scheduler.schedule(NOON.replace(tzinfo=None), "jobs.schedules.tick", args=["newer"], interval=60, id="newer")
    register_all()
    assert registered() == sorted(entry.id for entry in SCHEDULES)
    tick("newer")
    assert instance_jobs(servers) == []


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(schedules, "now", lambda: moment)


def test_hours_of_silence_end_in_one_job_of_each_schedule(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOON + LATE)
    schedules.make_up_missed()
    assert instance_jobs(servers) == []  # nothing was missed before the first start
    at(monkeypatch, NOON + 20 * HOUR + LATE)
    for _ in range(3):
        schedules.make_up_missed()
    with servers.as_owner() as connection:
        kinds = connection.execute("SELECT kind FROM instance_jobs").fetchall()
    assert sorted(kinds) == sorted((entry.kind,) for entry in SCHEDULES)  # the daily one, too: midnight passed
    tick("clean-up")  # the scheduler, which comes back late
    assert len(instance_jobs(servers)) == len(SCHEDULES)


def test_a_schedule_that_is_known_and_was_never_due_has_missed_nothing(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with servers.as_owner() as connection:
        for entry in SCHEDULES:
            connection.execute(
                "INSERT INTO schedules (id, kind, interval_seconds) VALUES (%s, %s, 1)", [entry.id, entry.kind]
            )
    at(monkeypatch, NOON + LATE)
    schedules.make_up_missed()
    assert instance_jobs(servers) == []
    at(monkeypatch, NOON + 24 * HOUR + LATE)
    schedules.make_up_missed()
    assert len(instance_jobs(servers)) == len(SCHEDULES)


def test_a_tick_that_was_claimed_is_not_made_up(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOON)
    for entry in SCHEDULES:
        tick(entry.id)
    at(monkeypatch, NOON + LATE)
    schedules.make_up_missed()
    assert len(instance_jobs(servers)) == len(SCHEDULES)


def test_control_leaves_the_scheduler_time_to_tick(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOON + LATE)
    schedules.make_up_missed()
    at(monkeypatch, NOON + HOUR + timedelta(seconds=5))
    schedules.make_up_missed()
    assert instance_jobs(servers) == []


@pytest.mark.parametrize("jump", [HOUR, -HOUR, timedelta(days=365)])
def test_a_clock_that_jumps_and_comes_back_neither_floods_nor_starves(
    servers: Servers, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    """Every hour from noon to midnight has its job; a jump forward adds one, at most."""
    at(monkeypatch, NOON + LATE)
    schedules.make_up_missed()
    for hour in range(1, 13):
        at(monkeypatch, NOON + hour * HOUR + LATE)
        schedules.make_up_missed()
        if hour == 3:
            at(monkeypatch, NOON + hour * HOUR + LATE + jump)
            schedules.make_up_missed()
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT idempotency_key FROM instance_jobs WHERE kind = 'instance.clean_up'"
        ).fetchall()
        last = connection.execute("SELECT last_due_at FROM schedules WHERE id = 'clean-up'").fetchone()
    due = {datetime.fromisoformat(row[0]) for row in rows}
    assert {NOON + hour * HOUR for hour in range(1, 13)} <= due
    assert len(rows) == len(due) <= 13
    assert last == (max(due),)


def test_a_long_job_of_the_instance_keeps_its_lease(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise one that takes longer than a lease is begun again and again, and never ends."""
    monkeypatch.setattr(lease, "LEASE_RENEWAL", timedelta(milliseconds=20))

    def as_long_as_the_lease_stays() -> None:
        with servers.as_owner() as connection:
            connection.execute("UPDATE instance_jobs SET lease_expires_at = now()")
            while connection.execute("SELECT lease_expires_at > now() FROM instance_jobs").fetchone() == (False,):
                time.sleep(0.02)
        assert control.take_back_expired() == 0

    monkeypatch.setitem(INSTANCE_HANDLERS, InstanceJobKind.CLEAN_UP, as_long_as_the_lease_stays)
    tick("clean-up")
    run_due("control")
    assert instance_jobs(servers) == [("succeeded", 0)]


def test_control_goes_on_when_redis_is_away(servers: Servers) -> None:
    servers.valkey.stop()
    try:
        control.one_round(0)
    finally:
        servers.valkey.start()
    control.one_round(0)
    assert registered() == sorted(entry.id for entry in SCHEDULES)
