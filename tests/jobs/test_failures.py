from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from clasio_backend.core.clock import now
from clasio_backend.core.errors import ProviderError, ValidationFailed
from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import MAX_LOST_LEASES, JobKind, JobRow, QueueName, claim_next, finish
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from jobs.control import take_back_expired
from jobs.handlers import HANDLERS, Handler
from jobs.runner import UNEXPECTED, backoff
from tests.cast import Actor
from tests.jobs.conftest import Run, queue_job
from tests.servers import Servers
from tests.worker import Worker

Doing = Callable[[Run], None]


def failing(error: Exception) -> Run:
    def run(_scope: Scope, _claim: Claim, _job: JobRow) -> None:
        raise error

    return run


def test_what_can_be_mended_is_tried_again_later_and_is_dead_in_the_end(
    owner: Actor, worker: Worker, doing: Doing, given_up: list[str]
) -> None:
    doing(failing(ProviderError("The model did not answer.", retryable=True)))
    job_id = queue_job(owner)
    for attempt in (1, 2):
        worker.run_all()
        job = worker.job(job_id)
        assert (job["state"], job["attempts"]) == ("queued", attempt)
        assert job["run_after"] > now()
        assert job["lease_token"] is None
        assert given_up == []
        worker.make_due(job_id)
    worker.run_all()
    job = worker.job(job_id)
    assert (job["state"], job["attempts"], job["last_error"]) == ("dead", 3, "The model did not answer.")
    assert job["finished_at"] is not None
    assert given_up == ["The model did not answer."]


@pytest.mark.parametrize(("asked", "seconds"), [(90, 90), (0.1, 2), (-5, 2), (10**9, 6 * 3600)])
def test_whoever_asks_for_time_gets_it_within_reason(
    owner: Actor, worker: Worker, doing: Doing, asked: float, seconds: float
) -> None:
    doing(failing(ProviderError("Not now.", retryable=True, retry_after=asked)))
    job_id = queue_job(owner)
    before = now()
    worker.run_all()
    waits = worker.job(job_id)["run_after"]
    assert before + timedelta(seconds=seconds * 0.8) <= waits <= now() + timedelta(seconds=seconds * 1.2)


@pytest.mark.parametrize("error", [ProviderError("It refuses.", retryable=False), ValidationFailed("It is wrong.")])
def test_what_cannot_be_mended_fails_at_once(
    owner: Actor, worker: Worker, doing: Doing, given_up: list[str], error: Exception
) -> None:
    doing(failing(error))
    job_id = queue_job(owner)
    worker.run_all()
    assert (worker.job(job_id)["state"], worker.job(job_id)["attempts"]) == ("failed", 1)
    assert given_up == [str(error)]


def test_a_bug_is_tried_again_and_its_traceback_is_for_operators_only(
    owner: Actor, worker: Worker, doing: Doing, given_up: list[str]
) -> None:
    doing(failing(KeyError("an unforeseen thing")))
    job_id = queue_job(owner)
    for _ in range(3):
        worker.run_all()
        worker.make_due(job_id)
    job = worker.job(job_id)
    assert job["state"] == "dead"
    assert "an unforeseen thing" in job["last_error"]
    assert given_up == [UNEXPECTED]


def test_a_job_that_recovers_is_a_success(owner: Actor, worker: Worker, doing: Doing) -> None:
    tries: list[int] = []

    def run(scope: Scope, claim: Claim, job: JobRow) -> None:
        tries.append(job.attempts)
        if len(tries) < 3:
            raise ProviderError("Not yet.", retryable=True)
        with unit_of_work(scope) as uow:
            finish(uow, claim)

    doing(run)
    job_id = queue_job(owner)
    for _ in range(3):
        worker.run_all()
        worker.make_due(job_id)
    job = worker.job(job_id)
    assert (tries, job["state"], job["last_error"]) == ([0, 1, 2], "succeeded", None)


def test_a_database_that_goes_away_uses_up_no_attempt(owner: Actor, worker: Worker, doing: Doing) -> None:
    doing(failing(OperationalError("statement", {}, ConnectionError("gone"))))
    job_id = queue_job(owner)
    worker.run_all()
    assert (worker.job(job_id)["state"], worker.job(job_id)["attempts"]) == ("running", 0)  # until the lease runs out


def test_a_bug_in_what_settles_the_subject_does_not_keep_the_job_alive(
    owner: Actor, worker: Worker, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(_uow: UnitOfWork, _job: JobRow, _message: str) -> None:
        raise KeyError("an unforeseen thing")

    run = failing(ValidationFailed("It is wrong."))
    monkeypatch.setitem(HANDLERS, JobKind.ANALYSE_DOCUMENT, Handler(run, give_up))
    failed = queue_job(owner)
    worker.run_all()
    assert worker.job(failed)["state"] == "failed"
    lost = queue_job(owner)
    assert claim_next(QueueName.FAST, 1) is not None
    with servers.as_owner() as connection:
        connection.execute("UPDATE jobs SET lost_leases = %s WHERE id = %s", [MAX_LOST_LEASES - 1, lost])
    worker.expire_lease(lost)
    assert take_back_expired() == 1
    assert worker.job(lost)["state"] == "dead"


def test_a_failing_job_does_not_stop_the_next(owner: Actor, worker: Worker, doing: Doing) -> None:
    def run(scope: Scope, claim: Claim, job: JobRow) -> None:
        if job.id == bad:
            raise ValidationFailed("It is wrong.")
        with unit_of_work(scope) as uow:
            finish(uow, claim)

    doing(run)
    bad, good = queue_job(owner), queue_job(owner)
    worker.run_all()
    assert (worker.job(bad)["state"], worker.job(good)["state"]) == ("failed", "succeeded")


def test_a_job_runs_in_its_own_organization_with_the_request_that_asked(
    owner: Actor, worker: Worker, doing: Doing
) -> None:
    seen: list[Scope] = []

    def run(scope: Scope, claim: Claim, _job: JobRow) -> None:
        seen.append(scope)
        with unit_of_work(scope) as uow:
            finish(uow, claim)

    doing(run)
    queue_job(owner)
    worker.run_all()
    (scope,) = seen
    assert (scope.organization_id, scope.user_id) == (owner.organization_id, None)
    assert scope.request_id == owner.scope.request_id


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (9, 300), (60, 300)])
def test_waiting_doubles_up_to_five_minutes(attempts: int, seconds: int) -> None:
    for _ in range(50):
        assert timedelta(seconds=seconds * 0.8) <= backoff(attempts) <= timedelta(seconds=seconds * 1.2)
