"""What the pages say about limits, and to whom."""

from dataclasses import replace

import pytest

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.usage.plans import PLANS, Meter
from clasio_backend.usage.schemas import ForecastRow, MeterRow, UsageRow
from clasio_backend.usage.service import count
from clasio_ui.state.documents import DocumentsState
from clasio_ui.state.meters import limit_items, meter_item, usage_items
from clasio_ui.state.overview import OverviewState
from clasio_ui.state.usage import UsageState
from tests import cast, factories
from tests.cast import Actor
from tests.servers import Servers
from tests.ui.test_events import opened, run


@pytest.fixture
def free(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """On a free plan of 20 documents."""
    limits = PLANS["free"].limits | {Meter.DOCUMENTS: 20}
    monkeypatch.setitem(PLANS, "free", replace(PLANS["free"], limits=limits))
    return cast.owner("Fred Free", plan="free")


@pytest.mark.parametrize(
    ("used", "percent", "tone", "note"),
    [
        (0, 0, "calm", ""),
        (399, 79, "calm", ""),
        (400, 80, "warn", "80 % used"),
        (475, 95, "full", "Almost full"),
        (499, 99, "full", "Almost full"),
        (500, 100, "full", "Limit reached"),
        (800, 100, "full", "Limit reached"),
    ],
)
def test_a_meter_says_how_tight_it_is(used: int, percent: int, tone: str, note: str) -> None:
    item = meter_item(MeterRow("documents", used, 500))
    assert (item.percent, item.tone, item.note) == (percent, tone, note)


def test_limits_are_sentences_with_a_way_on() -> None:
    usage = UsageRow(
        "free", (MeterRow("storage_bytes", 850_000_000, 1_000_000_000), MeterRow("fast_analyses", 100, 100)), 3
    )
    near, reached = limit_items(usage, least=80)
    assert (near.title, near.words) == (
        "Storage: 85 % used.",
        "850 MB of 1 GB are used on the free plan.",
    )
    assert reached.title == "Fast analyses: limit reached."
    assert reached.words == (
        "100 of 100 are used on the free plan."
        " New analyses wait for the next month; reading, search and download go on."
    )
    assert near.href == reached.href == "/usage"
    assert limit_items(usage, least=95) == [reached]


def test_a_forecast_is_rounded_and_says_when_it_is_more_than_the_limit() -> None:
    usage = UsageRow("free", (MeterRow("documents", 300, 500), MeterRow("ai_tokens", 1, 1_000_000)), 3)
    documents, tokens = usage_items(usage, [ForecastRow("documents", 12_345, 28)], "30 November")
    assert (documents.forecast, documents.expected) == (100, "About 12,300 on 30 November, more than the limit")
    assert (tokens.forecast, tokens.expected) == (0, "")


@pytest.mark.parametrize(
    ("used", "on_overview", "on_documents"), [(15, [], []), (16, ["warn"], []), (19, ["full"], ["full"])]
)
def test_banners_stand_where_they_help(free: Actor, used: int, on_overview: list[str], on_documents: list[str]) -> None:
    with unit_of_work(free.scope) as uow:
        count(uow, {Meter.DOCUMENTS: used})
    for state, expected in ((OverviewState, on_overview), (DocumentsState, on_documents)):
        page = opened(state, free, "/")
        run(page, "load", {})
        assert [item.tone for item in page.get_value("limits")] == expected


def test_members_see_the_meters_and_of_people_only_themselves(owner: Actor, member: Actor) -> None:
    factories.upload(owner.scope)
    factories.upload(member.scope)
    shown = {}
    for actor in (owner, member):
        page = opened(UsageState, actor, "/usage")
        run(page, "load", {})
        assert page.get_value("meters")[0].item.used == "2"
        shown[actor.name] = {person.name for person in page.get_value("people")}
    assert shown == {owner.name: {member.name, owner.name}, member.name: {member.name}}


def test_the_month_is_whole_and_what_is_ahead_is_empty(owner: Actor) -> None:
    factories.upload(owner.scope)
    page = opened(UsageState, owner, "/usage")
    run(page, "load", {})
    days = page.get_value("days")
    assert 28 <= len(days) <= 31
    assert days[0].day.endswith("-01")
    passed = [day for day in days if not day.is_ahead]
    assert passed[-1].uploads == 1
    assert len(days) - len(passed) == page.get_value("days_left") - 1
