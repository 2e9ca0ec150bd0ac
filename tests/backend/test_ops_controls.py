"""Queues and schedules that operators pause, resume and run."""

from collections.abc import Iterator

import pytest

from clasio_backend.core import gateway
from clasio_backend.core.errors import NotFound
from clasio_backend.core.job_queue import QueueName, claim_next, queued_wake_ups, rq_queue
from clasio_backend.ops.controls import pause_queue, pause_schedule, resume_queue, resume_schedule, run_schedule
from clasio_backend.ops.errors import AlreadyWaiting
from clasio_backend.ops.schemas import QueueRow, ScheduleRow
from clasio_backend.ops.service import read_ops
from jobs.control import top_up_wake_ups
from jobs.schedules import SCHEDULES, register_all, tick
from tests import factories
from tests.cast import Actor
from tests.operating import as_operator, events_of
from tests.servers import Servers
from tests.worker import Worker


@pytest.fixture(autouse=True)
def _as_it_was(servers: Servers, worker: Worker) -> Iterator[None]:
    register_all()
    yield
    with servers.as_owner() as connection:
        connection.execute("DELETE FROM paused_queues")
        connection.execute("UPDATE schedules SET is_paused = false")


def queue(operator: Actor, name: str) -> QueueRow:
    return next(row for row in read_ops(as_operator(operator)).queues if row.queue == name)


def schedule(operator: Actor, schedule_id: str) -> ScheduleRow:
    return next(row for row in read_ops(as_operator(operator)).schedules if row.id == schedule_id)


def codes(operator: Actor) -> set[str]:
    return {problem.code for problem in read_ops(as_operator(operator)).problems}


def test_a_paused_queue_hands_out_nothing_until_it_is_resumed(owner: Actor, operator: Actor, worker: Worker) -> None:
    pause_queue(as_operator(operator), QueueName.READ)
    factories.upload(owner.scope)
    rq_queue(QueueName.READ).empty()
    assert gateway.due_jobs() == {}
    assert claim_next(QueueName.READ, 8) is None
    assert top_up_wake_ups() == 0
    assert queued_wake_ups()[QueueName.READ] == 0
    row = queue(operator, "read")
    assert (row.due, row.paused_at is not None) == (1, True)
    assert "queue_paused" in codes(operator)

    resume_queue(as_operator(operator), QueueName.READ)
    assert queued_wake_ups()[QueueName.READ] == 1
    worker.run_all()
    assert {job["state"] for job in worker.jobs_of(owner.organization_id)} == {"succeeded"}
    assert queue(operator, "read").paused_at is None


def test_a_queue_of_the_instance_rests_too(operator: Actor, worker: Worker) -> None:
    pause_queue(as_operator(operator), QueueName.CONTROL)
    run_schedule(as_operator(operator), "clean-up")
    assert worker.run_all() == 0
    assert schedule(operator, "clean-up").last_state is None
    resume_queue(as_operator(operator), QueueName.CONTROL)
    assert worker.run_all() > 0
    assert schedule(operator, "clean-up").last_state == "succeeded"


def test_other_queues_go_on(owner: Actor, operator: Actor, worker: Worker) -> None:
    pause_queue(as_operator(operator), QueueName.FAST)
    factories.upload(owner.scope)
    worker.run_all()
    assert {job["kind"]: job["state"] for job in worker.jobs_of(owner.organization_id)} == {
        "documents.read": "succeeded",
        "analysis.analyse": "queued",
    }


def test_pausing_twice_is_written_down_once(operator: Actor, servers: Servers) -> None:
    for change in (pause_queue, pause_queue, resume_queue, resume_queue):
        change(as_operator(operator), QueueName.BULK)
    assert events_of(operator, servers) == [
        ("operator_paused_queue", {"queue": "bulk"}),
        ("operator_resumed_queue", {"queue": "bulk"}),
    ]


def test_every_schedule_is_seen_before_it_was_due(operator: Actor) -> None:
    assert {row.id for row in read_ops(as_operator(operator)).schedules} == {entry.id for entry in SCHEDULES}


def test_a_schedule_is_run_now_and_says_how_it_ended(operator: Actor, worker: Worker, servers: Servers) -> None:
    run_schedule(as_operator(operator), "clean-up")
    with pytest.raises(AlreadyWaiting):
        run_schedule(as_operator(operator), "clean-up")
    worker.run_all()
    row = schedule(operator, "clean-up")
    assert row.last_state == "succeeded"
    assert row.last_started_at is not None
    assert row.last_seconds is not None
    assert row.next_due_at is not None
    run_schedule(as_operator(operator), "clean-up")
    assert events_of(operator, servers) == [("operator_ran_schedule", {"schedule": "clean-up"})] * 2


def test_a_paused_schedule_lets_its_due_times_pass(operator: Actor, worker: Worker, servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute("DELETE FROM schedule_ticks")
    pause_schedule(as_operator(operator), "purge")
    tick("purge")
    assert worker.run_all() == 0
    row = schedule(operator, "purge")
    assert (row.is_paused, row.next_due_at) == (True, None)
    assert "schedule_paused" in codes(operator)
    resume_schedule(as_operator(operator), "purge")
    with servers.as_owner() as connection:
        connection.execute("DELETE FROM schedule_ticks")
    tick("purge")
    assert worker.run_all() > 0


@pytest.mark.parametrize("schedule_id", ["nothing", "", "clean-up\x00"])
def test_an_unknown_schedule_is_not_found(operator: Actor, schedule_id: str) -> None:
    for change in (run_schedule, pause_schedule, resume_schedule):
        with pytest.raises(NotFound):
            change(as_operator(operator), schedule_id)


def test_a_schedule_without_its_tick_is_late_while_a_scheduler_runs(operator: Actor, servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute("UPDATE schedules SET last_due_at = now() - interval '5 days' WHERE id = 'usage-reconcile'")
        connection.execute("DELETE FROM workers")
        assert not schedule(operator, "usage-reconcile").is_late  # what came due while none ran is not made up for
        connection.execute(
            "INSERT INTO workers (id, kind, host, pid, started_at) VALUES (gen_random_uuid(), 'scheduler', 'here', 1,"
            " now() - interval '4 days')"
        )
        row = schedule(operator, "usage-reconcile")
        connection.execute("DELETE FROM workers")
    just_due = row.next_due_at is None or (row.next_due_at.timestamp() % 86_400) > 86_280
    assert row.is_late or just_due


def test_a_process_that_fell_silent_is_a_problem(operator: Actor, servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute("DELETE FROM workers")
        assert {"no_worker", "no_control", "no_scheduler"} <= codes(operator)
        connection.execute(
            "INSERT INTO workers (id, kind, host, pid, queues, seen_at) VALUES"
            " (gen_random_uuid(), 'worker', 'here', 1, '[\"read\"]', now()),"
            " (gen_random_uuid(), 'control', 'here', 2, '[]', now() - interval '5 minutes')"
        )
        found = read_ops(as_operator(operator))
        connection.execute("DELETE FROM workers")
    says = {problem.code: problem.says for problem in found.problems}
    assert "no_worker" not in says
    assert says["no_control"] == "No control process has been seen for 5 minutes."
    assert {worker.kind: worker.is_silent for worker in found.workers} == {"worker": False, "control": True}
    assert next(row for row in found.queues if row.queue == "read").workers == 1


def test_work_that_nobody_takes_is_a_problem(owner: Actor, operator: Actor, servers: Servers) -> None:
    factories.upload(owner.scope)
    with servers.as_owner() as connection:
        connection.execute("DELETE FROM workers")
        assert "queue_unserved" in codes(operator)
        connection.execute(
            "INSERT INTO workers (id, kind, host, pid, queues)"
            " VALUES (gen_random_uuid(), 'worker', 'here', 1, '[\"read\"]')"
        )
        assert not {"queue_unserved", "queue_slow"} & codes(operator)
        connection.execute("UPDATE jobs SET run_after = now() - interval '3 minutes' WHERE state = 'queued'")
        assert "queue_slow" in codes(operator)
        connection.execute("DELETE FROM workers")
