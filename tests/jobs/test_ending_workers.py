"""A real worker whose job hangs, that is asked to stop, or whose job is cancelled."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg

from clasio_backend.core.job_queue import QueueName, cancel_job, wake
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import get_document
from clasio_backend.models.documents import Outcome
from jobs.control import take_back_expired, top_up_wake_ups
from jobs.lease import OVERDUE_STATUS
from tests import factories
from tests.cast import Actor
from tests.jobs.processes import PATIENCE_SECONDS, is_in_the_way, wait_for, worker_process
from tests.servers import Servers
from tests.worker import Worker

SHORT_LIMIT = """
from datetime import timedelta
from clasio_backend.core import job_queue
job_queue.TIME_LIMITS[job_queue.JobKind.READ_DOCUMENT] = timedelta(seconds=1)
"""
HANGING_IN_C = f"""{SHORT_LIMIT}
import ctypes
from jobs import lease
from jobs.handlers import HANDLERS, Handler
lease.LAST_WORD_SECONDS = 1
def hang(scope, claim, job):
    ctypes.PyDLL(None).sleep(1000)  # no thread of Python's runs meanwhile
HANDLERS[job_queue.JobKind.READ_DOCUMENT] = Handler(hang, HANDLERS[job_queue.JobKind.READ_DOCUMENT].give_up)
"""
SHORT_STOP = "from jobs import worker\nworker.STOP_SECONDS = 0.5"
SHORT_RENEWAL = "from datetime import timedelta\nfrom jobs import lease\nlease.LEASE_RENEWAL = timedelta(seconds=0.1)"


@contextmanager
def held_up(servers: Servers, document_id: UUID) -> Iterator[psycopg.Connection]:
    """A job that wants to write this document's row does not get it: it hangs for as long as the block runs."""
    with servers.as_owner() as connection, connection.transaction():
        connection.execute("SELECT 1 FROM documents WHERE id = %s FOR UPDATE", [document_id])
        yield connection


def job_of(worker: Worker, actor: Actor) -> dict[str, object]:
    return worker.jobs_of(actor.organization_id)[0]


def test_a_job_that_hangs_ends_with_its_worker_and_counts_as_an_attempt(
    owner: Actor, worker: Worker, servers: Servers
) -> None:
    document = factories.upload(owner.scope)
    with held_up(servers, document.id), worker_process(servers, "read", SHORT_LIMIT) as process:
        assert process.wait(PATIENCE_SECONDS) == OVERDUE_STATUS
        job = job_of(worker, owner)
    assert (job["state"], job["attempts"], job["lost_leases"]) == ("queued", 1, 0)
    assert job["last_error"] == "This took too long and was stopped. Try again later."
    assert job["lease_token"] is None
    worker.make_due(job["id"])
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        assert get_document(uow, document.id).outcome == Outcome.DONE


def test_a_job_that_holds_all_of_python_up_ends_with_its_worker_too(
    owner: Actor, worker: Worker, servers: Servers
) -> None:
    factories.upload(owner.scope)
    with worker_process(servers, "read", HANGING_IN_C) as process:
        assert process.wait(PATIENCE_SECONDS) == 1
    job = job_of(worker, owner)
    assert (job["state"], job["attempts"]) == ("running", 0)
    worker.expire_lease(UUID(str(job["id"])))
    assert take_back_expired() == 1
    worker.run_all()
    assert job_of(worker, owner)["state"] == "succeeded"


def test_a_job_whose_worker_stops_runs_elsewhere_at_once_and_costs_no_attempt(
    owner: Actor, worker: Worker, servers: Servers
) -> None:
    document = factories.upload(owner.scope)
    with held_up(servers, document.id) as holding, worker_process(servers, "read", SHORT_STOP) as process:
        wait_for(lambda: is_in_the_way(servers, holding))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
        job = job_of(worker, owner)
    assert (job["state"], job["attempts"], job["lost_leases"], job["lease_token"]) == ("queued", 0, 0, None)
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        assert get_document(uow, document.id).outcome == Outcome.DONE


def test_a_worker_that_stops_finishes_the_job_in_hand(owner: Actor, worker: Worker, servers: Servers) -> None:
    document = factories.upload(owner.scope)
    with worker_process(servers, "read") as process:
        with held_up(servers, document.id) as holding:
            wait_for(lambda: is_in_the_way(servers, holding))
            process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
    job = job_of(worker, owner)
    assert (job["state"], job["attempts"], job["lost_leases"]) == ("succeeded", 0, 0)


def test_a_worker_stops_in_time_although_redis_hangs(owner: Actor, worker: Worker, servers: Servers) -> None:
    document = factories.upload(owner.scope)
    with held_up(servers, document.id) as holding, worker_process(servers, "read", SHORT_STOP) as process:
        wait_for(lambda: is_in_the_way(servers, holding))
        with servers.hanging_redis():
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0
    assert job_of(worker, owner)["state"] == "queued"


def test_a_running_job_that_is_cancelled_changes_nothing(owner: Actor, worker: Worker, servers: Servers) -> None:
    document = factories.upload(owner.scope)
    with worker_process(servers, "read,fast", SHORT_RENEWAL) as process:
        with held_up(servers, document.id) as holding:
            wait_for(lambda: is_in_the_way(servers, holding))
            with unit_of_work(owner.scope) as uow:
                cancel_job(uow, UUID(str(job_of(worker, owner)["id"])))
        second = factories.upload(owner.scope)
        wake(QueueName.READ)

        def is_done() -> bool:
            top_up_wake_ups()
            with unit_of_work(owner.scope) as uow:
                return get_document(uow, second.id).outcome == Outcome.DONE

        wait_for(is_done)  # the worker goes on with the next job
        assert process.poll() is None
    assert job_of(worker, owner)["state"] == "cancelled"
    with unit_of_work(owner.scope) as uow:
        left = get_document(uow, document.id)
    assert left.outcome == Outcome.PENDING
    with servers.as_owner() as connection:
        row = connection.execute("SELECT searchable_at FROM documents WHERE id = %s", [document.id]).fetchone()
    assert row == (None,)


def test_a_queued_job_that_is_cancelled_never_runs(owner: Actor, worker: Worker) -> None:
    document = factories.upload(owner.scope)
    with unit_of_work(owner.scope) as uow:
        cancel_job(uow, UUID(str(job_of(worker, owner)["id"])))
    assert worker.run_all() == 0
    with unit_of_work(owner.scope) as uow:
        assert get_document(uow, document.id).outcome == Outcome.PENDING
