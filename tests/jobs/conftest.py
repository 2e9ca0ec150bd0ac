from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from clasio_backend.core.gateway import Claim
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, JobRow, QueueName, enqueue, rq_queue
from clasio_backend.core.redis import JOBS_DATABASE, shared
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.usage.plans import PLANS, Meter
from jobs.handlers import HANDLERS, Handler
from tests import cast
from tests.cast import Actor
from tests.fakes.gemini import GeminiServer
from tests.gemini import set_up
from tests.servers import Servers
from tests.worker import Worker

Run = Callable[[Scope, Claim, JobRow], None]


@pytest.fixture(autouse=True)
def _quiet(worker: Worker, servers: Servers) -> Iterator[None]:
    """No job is due and no wake-up waits when a test begins."""
    shared(JOBS_DATABASE).flushdb()
    yield
    shared(JOBS_DATABASE).flushdb()


@pytest.fixture
def given_up() -> list[str]:
    """Messages of jobs that ended without success."""
    return []


@pytest.fixture
def doing(monkeypatch: pytest.MonkeyPatch, given_up: list[str]) -> Callable[[Run], None]:
    """Makes analyses do what the test wants: what is tested here is the machinery around a job."""

    def give_up(_uow: UnitOfWork, _job: JobRow, message: str) -> None:
        given_up.append(message)

    def use(run: Run) -> None:
        monkeypatch.setitem(HANDLERS, JobKind.ANALYSE_DOCUMENT, Handler(run, give_up))

    return use


def queue_job(actor: Actor, key: str | None = None, *, priority: int = 100) -> UUID:
    """One job of the `fast` queue."""
    with unit_of_work(actor.scope) as uow:
        return enqueue(
            uow,
            JobKind.ANALYSE_DOCUMENT,
            key or new_id().hex,
            payload={"document_id": str(new_id()), "mode": "fast"},
            priority=priority,
        )


def wake_ups(queue: QueueName = QueueName.FAST) -> int:
    return int(rq_queue(queue).count)


@pytest.fixture(params=["gemini"])
def gemini(request: pytest.FixtureRequest, servers: Servers) -> Iterator[GeminiServer]:
    with set_up(request.param) as server:
        yield server


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """One fast and one thorough analysis a month on the free plan."""
    limits = PLANS["free"].limits | {Meter.FAST_ANALYSES: 1, Meter.THOROUGH_ANALYSES: 1}
    monkeypatch.setitem(PLANS, "free", replace(PLANS["free"], limits=limits))


@pytest.fixture
def free(tight: None, servers: Servers) -> Actor:
    return cast.owner("Fred Free", plan="free")
