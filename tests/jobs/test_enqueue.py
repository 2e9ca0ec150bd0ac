import pytest
from redis import Redis

from clasio_backend.core.job_queue import ENOUGH_WAKE_UPS, JobKind, QueueName, enqueue, rq_queue
from clasio_backend.core.redis import JOBS_DATABASE, shared
from clasio_backend.core.unit_of_work import unit_of_work
from jobs.control import top_up_wake_ups
from jobs.runner import run_due
from tests import factories
from tests.cast import Actor
from tests.jobs.conftest import queue_job, wake_ups
from tests.servers import Servers
from tests.worker import Worker


def test_the_same_key_is_one_job(owner: Actor, worker: Worker) -> None:
    assert queue_job(owner, "once") == queue_job(owner, "once")
    assert queue_job(owner, "twice") != queue_job(owner, "once")
    assert len(worker.jobs_of(owner.organization_id)) == 2


def test_the_same_key_in_two_organizations_is_two_jobs(owner: Actor, other_tenant: Actor) -> None:
    assert queue_job(owner, "once") != queue_job(other_tenant, "once")


def test_a_wake_up_follows_the_commit(owner: Actor) -> None:
    with unit_of_work(owner.scope) as uow:
        enqueue(uow, JobKind.ANALYSE_DOCUMENT, "key", payload={})
        assert wake_ups() == 0
    assert wake_ups() == 1


def enqueue_and_break(actor: Actor) -> None:
    with unit_of_work(actor.scope) as uow:
        enqueue(uow, JobKind.ANALYSE_DOCUMENT, "key", payload={})
        raise RuntimeError("half-way")


def test_a_step_that_is_undone_wakes_nobody_and_leaves_no_job(owner: Actor, worker: Worker) -> None:
    with pytest.raises(RuntimeError, match="half-way"):
        enqueue_and_break(owner)
    assert wake_ups() == 0
    assert worker.jobs_of(owner.organization_id) == []


def test_a_wake_up_names_a_queue_and_never_a_job(owner: Actor) -> None:
    job_id = queue_job(owner)
    (waiting,) = rq_queue(QueueName.FAST).get_jobs()
    assert (waiting.func_name, waiting.args) == ("jobs.runner.run_due", ["fast"])
    assert str(job_id) not in str(shared(JOBS_DATABASE).hgetall(waiting.key))


def test_redis_away_loses_no_job(owner: Actor, worker: Worker, servers: Servers) -> None:
    servers.valkey.stop()
    try:
        factories.upload(owner.scope)
        assert [job["state"] for job in worker.jobs_of(owner.organization_id)] == ["queued"]
    finally:
        servers.valkey.start()
    assert wake_ups(QueueName.READ) == 0
    assert top_up_wake_ups() == 1
    assert wake_ups(QueueName.READ) == 1


def test_wake_ups_lost_by_a_flush_are_made_up_for(owner: Actor) -> None:
    for _ in range(3):
        queue_job(owner)
    shared(JOBS_DATABASE).flushall()
    assert top_up_wake_ups() == 3
    assert wake_ups() == 3
    assert top_up_wake_ups() == 0  # two controls are harmless


def test_many_jobs_need_few_wake_ups(owner: Actor, worker: Worker) -> None:
    jobs = [queue_job(owner) for _ in range(ENOUGH_WAKE_UPS + 9)]
    assert wake_ups() == ENOUGH_WAKE_UPS
    for _ in range(ENOUGH_WAKE_UPS):
        run_due(QueueName.FAST)
    assert {worker.job(job_id)["state"] for job_id in jobs} == {"succeeded"}


def test_redis_holds_no_text_of_a_document(owner: Actor, servers: Servers) -> None:
    factories.upload(owner.scope, "very private name.txt", "very private text")
    with Redis.from_url(servers.valkey.url, db=JOBS_DATABASE) as client:
        stored = b" ".join(client.dump(key) or b"" for key in client.scan_iter())
    assert b"private" not in stored
