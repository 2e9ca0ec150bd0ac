"""Many analyses at once: told beforehand, queued one by one, waiting where the plan has no room."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI

from clasio_backend.analysis import bulk
from clasio_backend.analysis.schemas import AnalysisProgress, BulkAnalysis, BulkEstimate
from clasio_backend.analysis.skipping import NotAnalysable
from clasio_backend.core.errors import NotFound
from clasio_backend.core.ids import new_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.trash import trash_document
from clasio_backend.organizations.schemas import OrganizationChange
from clasio_backend.organizations.settings import change_settings
from clasio_backend.usage.plans import PLANS, Meter
from clasio_ui.state.estimates import estimate_item, progress_words, tokens
from tests import cast, factories
from tests.cast import Actor
from tests.fakes.gemini import GeminiServer
from tests.gemini import set_up
from tests.servers import Servers
from tests.worker import Worker

ALL = BulkAnalysis()


@pytest.fixture
def gemini(servers: Servers) -> Iterator[GeminiServer]:
    with set_up("gemini") as server:
        yield server


@pytest.fixture
def free(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """Six thorough analyses a month."""
    limits = PLANS["free"].limits | {Meter.THOROUGH_ANALYSES: 6}
    monkeypatch.setitem(PLANS, "free", replace(PLANS["free"], limits=limits))
    return cast.owner("Fred Free", plan="free")


def estimated(actor: Actor, wanted: BulkAnalysis) -> BulkEstimate:
    with unit_of_work(actor.scope) as uow:
        return bulk.estimate(uow, wanted)


def progress(actor: Actor) -> AnalysisProgress:
    with unit_of_work(actor.scope) as uow:
        return bulk.read_progress(uow)


def set_organization(actor: Actor, **values: object) -> None:
    with unit_of_work(actor.scope) as uow:
        change_settings(uow, OrganizationChange.model_validate(values))


def test_the_estimate_counts_what_can_be_analysed_and_what_the_plan_has_left(
    free: Actor, worker: Worker, gemini: GeminiServer
) -> None:
    kept = [factories.upload(free.scope, content=f"{n} " + "word " * 4_000) for n in range(3)]
    gone = factories.upload(free.scope)
    worker.run_all()
    with unit_of_work(free.scope) as uow:
        trash_document(uow, gone.id)
    unread = factories.upload(free.scope)
    fast, thorough = estimated(free, ALL), estimated(free, BulkAnalysis(mode="thorough"))
    assert (fast.documents, fast.left, fast.limit) == (3, 96, 100)
    assert (thorough.documents, thorough.left, thorough.limit) == (3, 6, 6)
    assert 3 * 5_000 < fast.tokens < 3 * 6_500
    one = estimated(free, BulkAnalysis(ids=[kept[0].id, unread.id]))
    assert (one.documents, one.tokens) == (1, fast.tokens // 3)
    assert estimated(free, BulkAnalysis(category="Contracts")).documents == 0


def test_what_the_organization_keeps_here_costs_nothing_and_with_analyses_off_there_is_none(
    free: Actor, worker: Worker, gemini: GeminiServer
) -> None:
    factories.upload(free.scope)
    worker.run_all()
    set_organization(free, local_only=True)
    assert (estimated(free, ALL).documents, estimated(free, ALL).limit) == (1, None)
    set_organization(free, analysis_mode="never")
    with pytest.raises(NotAnalysable):
        estimated(free, ALL)
    with pytest.raises(NotAnalysable):
        bulk.start(free.scope, ALL, key=new_id().hex)
    assert progress(free) == AnalysisProgress(0, 0)


def test_one_job_for_each_and_what_finds_no_room_waits(free: Actor, worker: Worker, gemini: GeminiServer) -> None:
    for _ in range(8):
        factories.upload(free.scope)
    worker.run_all()
    wanted, key = BulkAnalysis(mode="thorough"), new_id().hex
    assert bulk.start(free.scope, wanted, key=key).documents == 8
    assert bulk.start(free.scope, wanted, key=key).documents == 0  # they are under way
    assert progress(free) == AnalysisProgress(open=8, waiting=0)
    worker.run_all()
    assert progress(free) == AnalysisProgress(open=2, waiting=2)
    assert sum(asked.model == "gemini-2.5-pro" for asked in gemini.asked) == 6
    assert progress_words(progress(free)) == "2 documents waiting for an analysis until the plan has room."


def test_without_gemini_it_is_free(owner: Actor, worker: Worker) -> None:
    factories.upload(owner.scope)
    worker.run_all()
    row = estimated(owner, ALL)
    assert row == BulkEstimate("fast", 1, 0, None, None, None)
    assert "free" in estimate_item(row).cost


def test_too_many_at_once_are_refused(owner: Actor, worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MAX_DOCUMENTS", 1)
    for _ in range(2):
        factories.upload(owner.scope)
    worker.run_all()
    with pytest.raises(bulk.TooManyToAnalyse):
        estimated(owner, ALL)


def test_over_http(owner: Actor, member: Actor, worker: Worker, app: FastAPI) -> None:
    document = factories.upload(owner.scope)
    worker.run_all()
    client, ids = member.api(app), [str(document.id)]
    assert client.get("/api/v1/analyses/estimate", params={"ids": ids}).json()["documents"] == 1
    answer = client.post("/api/v1/analyses", json={"ids": ids, "mode": "thorough"})
    assert (answer.status_code, answer.json()) == (202, {"documents": 1})
    assert client.get("/api/v1/analyses/progress").json() == {"open": 1, "waiting": 0}
    worker.run_all()
    assert client.get("/api/v1/analyses/progress").json() == {"open": 0, "waiting": 0}
    assert client.post("/api/v1/analyses", json={"mode": "psychic"}).status_code == 422


def test_who_may_not_add_documents_may_not_start_analyses(owner: Actor) -> None:
    scope = replace(owner.scope, permissions=frozenset())
    with pytest.raises(NotFound):
        bulk.start(scope, ALL, key="key")


def test_estimates_in_words() -> None:
    row = BulkEstimate("fast", 412, 1_312_000, 1_900, 2_000, 20_000_000)
    item = estimate_item(row)
    assert item.size == "412 documents, about 1.3 M tokens"
    assert item.cost.startswith("This takes at most 412 of the 1,900 fast analyses left this month.")
    assert item.limit == ""
    over = estimate_item(replace(row, left=400))
    assert over.cost.startswith("This takes up to 412 fast analyses, and 400 are left this month.")
    assert over.limit != ""
    assert estimate_item(replace(row, tokens_left=1_000)).limit != ""
    assert (tokens(9_400), tokens(20)) == ("9 thousand tokens", "1 thousand tokens")
    assert progress_words(AnalysisProgress(0, 0)) == progress_words(AnalysisProgress(2, 0)) == ""
    assert "9 documents to be analysed, 4 of them waiting" in progress_words(AnalysisProgress(9, 4))
    assert progress_words(AnalysisProgress(200, 0)) == "200 documents to be analysed."
