"""Real workers are killed while they hold a piece of the budget: what the model did is paid once, or not at all."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.usage.budget import release_all_expired
from clasio_backend.usage.service import set_plan
from jobs.control import take_back_expired, top_up_wake_ups
from tests import factories
from tests.cast import Actor
from tests.fakes.gemini import GeminiServer
from tests.gemini import counters, detail, rows
from tests.jobs.processes import PATIENCE_SECONDS, is_in_the_way, wait_for, worker_process
from tests.servers import Servers
from tests.worker import Worker

CHARGED = {"ai_tokens": (1_280, 0), "fast_analyses": (1, 0)}
ONE_FAST = """
from dataclasses import replace
from clasio_backend.usage.plans import PLANS, Meter
limits = PLANS["free"].limits | {Meter.FAST_ANALYSES: 1}
PLANS["free"] = replace(PLANS["free"], limits=limits)
"""


@contextmanager
def caller(servers: Servers) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker that reads and asks the model, under the limits of `tight`."""
    with worker_process(servers, "read,fast", ONE_FAST) as process:
        yield process


def kill(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait(PATIENCE_SECONDS)


def let_the_lease_run_out(worker: Worker, actor: Actor) -> UUID:
    """Returns the job whose worker died."""
    (job_id,) = [job["id"] for job in worker.jobs_of(actor.organization_id) if job["state"] == "running"]
    worker.expire_lease(job_id)
    assert take_back_expired() == 1
    return job_id


def is_done(actor: Actor, document_id: UUID) -> bool:
    return detail(actor, document_id).outcome == "done"


def test_killed_while_the_model_thinks(free: Actor, worker: Worker, servers: Servers, gemini: GeminiServer) -> None:
    document = factories.upload(free.scope)
    with gemini.hanging(), caller(servers) as first:
        wait_for(lambda: len(gemini.asked) == 1)
        kill(first)
    assert counters(servers, free.organization_id)["fast_analyses"] == (0, 1)
    let_the_lease_run_out(worker, free)
    with caller(servers):
        top_up_wake_ups()
        wait_for(lambda: is_done(free, document.id))
    assert len(gemini.asked) == 2  # a model that was asked has no way to be told that nobody listens any more
    assert len(rows(servers, free)) == 1
    assert counters(servers, free.organization_id) == CHARGED


def test_killed_with_the_answer_in_hand(free: Actor, worker: Worker, servers: Servers, gemini: GeminiServer) -> None:
    with servers.as_owner() as blocking, gemini.hanging(), caller(servers) as first:
        document = factories.upload(free.scope)
        wait_for(lambda: len(gemini.asked) == 1)
        # Holding the document's row stops the worker where it wants to write the answer and what it cost.
        with blocking.transaction():
            blocking.execute("SELECT 1 FROM documents WHERE id = %s FOR UPDATE", [document.id])
            gemini.released.set()
            wait_for(lambda: is_in_the_way(servers, blocking))
            kill(first)
    assert rows(servers, free) == []
    assert counters(servers, free.organization_id)["fast_analyses"] == (0, 1)
    let_the_lease_run_out(worker, free)
    with caller(servers):
        top_up_wake_ups()
        wait_for(lambda: is_done(free, document.id))
    assert len(rows(servers, free)) == 1
    assert counters(servers, free.organization_id) == CHARGED


def test_killed_for_so_long_that_others_took_the_last_piece(
    free: Actor, worker: Worker, servers: Servers, gemini: GeminiServer
) -> None:
    late = factories.upload(free.scope, "late.txt")
    with gemini.hanging(), caller(servers) as first:
        wait_for(lambda: len(gemini.asked) == 1)
        kill(first)
    with servers.as_owner() as connection:
        connection.execute("UPDATE usage_reservations SET expires_at = now() WHERE settled_at IS NULL")
    release_all_expired()
    other = factories.upload(free.scope, "other.txt")
    with caller(servers):
        top_up_wake_ups()
        wait_for(lambda: is_done(free, other.id))
        job_id = let_the_lease_run_out(worker, free)
        top_up_wake_ups()
        wait_for(lambda: worker.job(job_id)["progress"] == {"waits_for": "plan"})
        assert counters(servers, free.organization_id) == CHARGED
        assert detail(free, late.id).outcome == "pending"
        with unit_of_work(system_scope(free.organization_id, "test")) as uow:
            set_plan(uow, "pro")
        top_up_wake_ups()
        wait_for(lambda: is_done(free, late.id))
    assert len(rows(servers, free)) == 2
    assert counters(servers, free.organization_id) == {"ai_tokens": (2_560, 0), "fast_analyses": (2, 0)}
