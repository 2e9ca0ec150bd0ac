"""What analyses by Gemini cost, and what they wait for: limits, reservations, and workers that die in the call."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from clasio_backend.analysis import metered, service
from clasio_backend.core.errors import QuotaExceeded
from clasio_backend.core.job_queue import QueueName, claim_next
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentChange
from clasio_backend.documents.service import change_document
from clasio_backend.documents.trash import purge_document, trash_document
from clasio_backend.usage.budget import release_all_expired
from clasio_backend.usage.service import set_plan
from jobs.control import take_back_expired
from jobs.runner import run_claimed, run_due
from tests import factories
from tests.cast import Actor
from tests.fakes.gemini import GeminiServer
from tests.gemini import ask, counters, detail, rows
from tests.servers import Servers
from tests.worker import Worker

CHARGED = {"ai_tokens": (1_280, 0), "fast_analyses": (1, 0)}
NOTHING = {"ai_tokens": (0, 0), "fast_analyses": (0, 0)}


def test_at_the_limit_a_job_waits_says_so_and_starts_with_another_plan(
    free: Actor, worker: Worker, servers: Servers, gemini: GeminiServer
) -> None:
    done = factories.upload(free.scope)
    worker.run_all()
    waiting = factories.upload(free.scope)
    worker.run_all()
    shown = detail(free, waiting.id)
    assert (detail(free, done.id).outcome, shown.outcome, len(gemini.asked)) == ("done", "pending", 1)
    assert shown.stage_error is not None
    assert shown.stage_error.code == "analysis_waits"
    assert "1 of 1 fast analyses this month are used" in shown.stage_error.message
    job = worker.jobs_of(free.organization_id)[-1]
    assert (job["state"], job["attempts"], job["progress"]) == ("queued", 0, {"waits_for": "plan"})
    worker.make_due(job["id"])
    worker.run_all()
    assert worker.job(job["id"])["attempts"] == 0  # however often it looks
    with unit_of_work(system_scope(free.organization_id, "test")) as uow:
        set_plan(uow, "pro")
    worker.run_all()
    assert (detail(free, waiting.id).outcome, detail(free, waiting.id).stage_error) == ("done", None)
    assert worker.job(job["id"])["progress"] == {}


def test_a_plan_that_changes_while_a_job_begins_to_wait_wakes_it_too(
    free: Actor, worker: Worker, gemini: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.upload(free.scope)
    worker.run_all()
    until = metered._until

    def upgraded_before(*what: Any) -> datetime:
        with unit_of_work(system_scope(free.organization_id, "test")) as uow:
            set_plan(uow, "pro")
        return until(*what)

    monkeypatch.setattr(metered, "_until", upgraded_before)
    waiting = factories.upload(free.scope)
    worker.run_all()
    assert detail(free, waiting.id).outcome == "done"


def test_a_person_who_asks_at_the_limit_is_told_what_was_used(
    free: Actor, worker: Worker, app: FastAPI, gemini: GeminiServer
) -> None:
    document = factories.upload(free.scope)
    worker.run_all()
    other = factories.upload(free.scope, "other.txt")
    worker.run_all()
    answer = free.api(app).post(f"/api/v1/documents/{other.id}/analyses", json={"mode": "fast"})
    assert answer.status_code == 402
    told = answer.json()
    assert (told["meter"], told["used"], told["limit"], told["plan"]) == ("fast_analyses", 1, 1, "free")
    assert told["upgrade_url"].endswith("/usage")
    assert ask(free, document.id)  # what was paid for already costs nothing
    with pytest.raises(QuotaExceeded):
        ask(free, other.id)


def test_the_same_key_at_the_limit_is_still_the_same_job(free: Actor, worker: Worker, gemini: GeminiServer) -> None:
    document = factories.upload(free.scope)
    worker.run_all()
    first = ask(free, document.id, "thorough", key="once")
    worker.run_all()
    other = factories.upload(free.scope)
    worker.run_all()
    with pytest.raises(QuotaExceeded):
        ask(free, other.id, "thorough")
    assert ask(free, document.id, "thorough", key="once") == first


class Killed(BaseException):
    """As `kill -9`: nothing is cleaned up."""


def die_in_the_call(worker: Worker, servers: Servers, actor: Actor, document_id: UUID) -> None:
    """A worker dies after the model's answer and before its result is written; then `control` queues the job again."""

    def kill(*_: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "charge", kill)
        with pytest.raises(Killed):
            worker.run_all()
    assert counters(servers, actor.organization_id)["fast_analyses"] == (0, 1)
    job = worker.jobs_of(actor.organization_id)[-1]
    assert (job["state"], detail(actor, document_id).outcome) == ("running", "pending")
    worker.expire_lease(job["id"])
    take_back_expired()


def test_a_worker_that_dies_in_the_call_is_charged_once(
    owner: Actor, worker: Worker, servers: Servers, gemini: GeminiServer
) -> None:
    document = factories.upload(owner.scope)
    die_in_the_call(worker, servers, owner, document.id)
    worker.run_all()
    assert detail(owner, document.id).outcome == "done"
    assert counters(servers, owner.organization_id) == CHARGED


@pytest.mark.parametrize("change", ["never_send", "deleted_at"])
def test_a_worker_that_dies_in_the_call_is_not_charged_when_nothing_is_to_be_asked_any_more(
    owner: Actor, worker: Worker, servers: Servers, gemini: GeminiServer, change: str
) -> None:
    document = factories.upload(owner.scope)
    die_in_the_call(worker, servers, owner, document.id)
    with unit_of_work(owner.scope) as uow:
        if change == "never_send":
            change_document(uow, document.id, DocumentChange(never_send=True))
        else:
            trash_document(uow, document.id)
    worker.run_all()
    assert worker.jobs_of(owner.organization_id)[-1]["state"] == "succeeded"
    assert len(gemini.asked) == 1
    assert counters(servers, owner.organization_id) == NOTHING


def test_a_worker_that_lost_its_lease_changes_nothing_and_leaves_the_reservation(
    owner: Actor, worker: Worker, servers: Servers, gemini: GeminiServer
) -> None:
    document = factories.upload(owner.scope)
    run_due("read")
    claimed = claim_next(QueueName.FAST, 8)
    assert claimed is not None

    def taken_over() -> None:
        with servers.as_owner() as connection:
            connection.execute("UPDATE jobs SET lease_token = gen_random_uuid() WHERE id = %s", [claimed[0].job_id])

    gemini.before_answer = taken_over
    run_claimed(*claimed)
    assert detail(owner, document.id).outcome == "pending"
    assert rows(servers, owner) == []
    assert counters(servers, owner.organization_id)["fast_analyses"] == (0, 1)


def test_a_document_that_goes_in_the_call_is_not_charged(
    owner: Actor, worker: Worker, servers: Servers, gemini: GeminiServer
) -> None:
    document = factories.upload(owner.scope)

    def purge() -> None:
        with unit_of_work(owner.scope) as uow:
            trash_document(uow, document.id)
            purge_document(uow, document.id)

    gemini.before_answer = purge
    worker.run_all()
    assert rows(servers, owner) == []
    with servers.as_owner() as connection:
        connection.execute("UPDATE usage_reservations SET expires_at = now() WHERE settled_at IS NULL")
    release_all_expired()
    assert counters(servers, owner.organization_id) == NOTHING


def test_the_local_analyzer_is_never_metered(owner: Actor, worker: Worker, servers: Servers) -> None:
    document = factories.upload(owner.scope)
    worker.run_all()
    ask(owner, document.id, "thorough")
    worker.run_all()
    assert {row[0] for row in rows(servers, owner)} == {"local"}
    assert counters(servers, owner.organization_id) == {}
