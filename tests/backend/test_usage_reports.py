"""Who used what, when, and where it leads."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from clasio_backend.analysis.service import request_analysis
from clasio_backend.core.errors import NotFound
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.trash import trash_document
from clasio_backend.sharing.schemas import NewShare
from clasio_backend.sharing.service import share_document
from clasio_backend.sharing.visits import open_share
from clasio_backend.usage import periods
from clasio_backend.usage.plans import Meter
from clasio_backend.usage.reports import list_days, list_forecasts, list_months, list_people_usage
from clasio_backend.usage.schemas import DayRow, DaysQuery, ForecastRow, PersonUsageRow
from clasio_backend.usage.service import count, read_usage
from tests import factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker

NOON = datetime(2026, 12, 15, 12, tzinfo=UTC)


@pytest.fixture
def in_december(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon on the 15th of December 2026."""
    monkeypatch.setattr(periods, "now", lambda: NOON)


def analysed(
    servers: Servers, document_id: UUID, at: datetime, by: UUID | None = None, *, mode: str, source: str
) -> None:
    """A finished analysis, as if a model had made it."""
    with servers.as_owner() as connection:
        connection.execute(
            "INSERT INTO analyses (organization_id, id, document_id, mode, source, model, content_sha256, requested_by,"
            " created_at) SELECT organization_id, %s, id, %s, %s, 'test', sha256, %s, %s FROM documents WHERE id = %s",
            [new_id(), mode, source, by, at, document_id],
        )


def people(scope: Scope) -> list[PersonUsageRow]:
    with unit_of_work(scope) as uow:
        return list_people_usage(uow)


def test_each_day_has_its_uploads_and_analyses(owner: Actor, servers: Servers, in_december: None) -> None:
    first = factories.upload(owner.scope, received_at=NOON - timedelta(days=2))
    factories.upload(owner.scope, received_at=NOON.replace(hour=0, minute=0))
    factories.upload(owner.scope, received_at=NOON - timedelta(days=3))
    for mode, source in (("fast", "local"), ("thorough", "gemini")):
        analysed(servers, first.id, NOON - timedelta(days=1), mode=mode, source=source)
    with unit_of_work(owner.scope) as uow:
        days = list_days(uow, DaysQuery(days=3))
    assert days == [
        DayRow(date(2026, 12, 13), 1, 0),
        DayRow(date(2026, 12, 14), 0, 2),
        DayRow(date(2026, 12, 15), 1, 0),
    ]


def test_owners_see_what_everybody_used_and_members_only_themselves(
    owner: Actor, member: Actor, servers: Servers, in_december: None
) -> None:
    kept = factories.upload(member.scope, content="twelve bytes")
    trashed = factories.upload(member.scope)
    factories.upload(owner.scope, content="four")
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, trashed.id)
    for by, at, mode, source in (
        (member.user_id, NOON, "fast", "gemini"),
        (member.user_id, NOON, "fast", "gemini"),
        (member.user_id, NOON, "fast", "local"),  # costs nothing
        (member.user_id, NOON - timedelta(days=20), "fast", "gemini"),  # last month's
        (owner.user_id, NOON, "thorough", "gemini"),
        (None, NOON, "fast", "gemini"),
    ):
        analysed(servers, kept.id, at, by, mode=mode, source=source)
    theirs = PersonUsageRow(member.user_id, member.name, 1, 12, 2, 0)
    assert sorted(people(owner.scope), key=lambda row: row.name or "") == [
        PersonUsageRow(None, None, 0, 0, 1, 0),
        theirs,
        PersonUsageRow(owner.user_id, owner.name, 1, 4, 0, 1),
    ]
    assert people(member.scope) == [theirs]


def test_an_analysis_belongs_to_who_asked_or_else_to_who_uploaded(
    owner: Actor, member: Actor, worker: Worker, servers: Servers
) -> None:
    document = factories.upload(member.scope)
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        request_analysis(uow, document.id, "thorough", key="test")
    worker.run_all()
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT mode, requested_by FROM analyses WHERE document_id = %s ORDER BY created_at", [document.id]
        ).fetchall()
    assert rows == [("fast", member.user_id), ("thorough", owner.user_id)]


def test_months_go_back_to_the_first_use_and_no_further_than_a_year(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for month, amount in ((datetime(2025, 12, 31, tzinfo=UTC), 1), (datetime(2026, 10, 1, tzinfo=UTC), 2), (NOON, 4)):
        monkeypatch.setattr(periods, "now", lambda month=month: month)
        with unit_of_work(owner.scope) as uow:
            count(uow, {Meter.FAST_ANALYSES: amount, Meter.AI_TOKENS: 100 * amount})
    with unit_of_work(owner.scope) as uow:
        months = list_months(uow)
    assert [(row.month.month, row.fast_analyses, row.thorough_analyses, row.ai_tokens) for row in months] == [
        (10, 2, 0, 200),
        (11, 0, 0, 0),
        (12, 4, 0, 400),
    ]


def test_without_any_use_there_is_this_month(owner: Actor, in_december: None) -> None:
    with unit_of_work(owner.scope) as uow:
        assert [row.month for row in list_months(uow)] == [date(2026, 12, 1)]


def forecasts(actor: Actor) -> dict[str, ForecastRow]:
    with unit_of_work(actor.scope) as uow:
        return {row.meter: row for row in list_forecasts(uow)}


def test_a_months_meter_goes_on_at_this_months_pace(owner: Actor, in_december: None) -> None:
    with unit_of_work(owner.scope) as uow:
        count(uow, {Meter.FAST_ANALYSES: 29, Meter.THOROUGH_ANALYSES: 9})
    found = forecasts(owner)
    assert found == {"fast_analyses": ForecastRow("fast_analyses", 62, 14)}  # 29 in 14.5 of 31 days


def test_a_level_grows_as_it_did_in_the_last_four_weeks(owner: Actor, in_december: None) -> None:
    factories.upload(owner.scope, content="an old one", received_at=NOON - timedelta(days=200))
    for number in range(28):
        factories.upload(owner.scope, content=f"{number:010}", received_at=NOON - timedelta(days=number, hours=1))
    found = forecasts(owner)
    # One a day, and 16.5 days to go: 29 + 16.5, at ten bytes each.
    assert found["documents"] == ForecastRow("documents", 46, 28)
    assert found["storage_bytes"] == ForecastRow("storage_bytes", 455, 28)


def test_a_young_organization_grows_as_it_did_since_its_first_document(owner: Actor, in_december: None) -> None:
    for number in range(10):
        factories.upload(owner.scope, content=f"{number}", received_at=NOON - timedelta(days=number))
    assert forecasts(owner)["documents"] == ForecastRow("documents", 28, 9)  # 10 + 10 / 9 * 16.5


@pytest.mark.parametrize(("documents", "days"), [(9, 20), (20, 6)])
def test_with_too_little_behind_it_there_is_no_forecast(
    owner: Actor, in_december: None, documents: int, days: int
) -> None:
    for number in range(documents):
        back = timedelta(days=days * number / documents)
        factories.upload(owner.scope, content=f"{number}", received_at=NOON - back)
    assert forecasts(owner) == {}


def test_early_in_a_month_its_meters_have_no_forecast(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periods, "now", lambda: datetime(2026, 12, 7, 12, tzinfo=UTC))
    with unit_of_work(owner.scope) as uow:
        count(uow, {Meter.FAST_ANALYSES: 50})
    assert forecasts(owner) == {}


def test_months_are_counted_back_over_the_turn_of_the_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periods, "now", lambda: datetime(2027, 2, 28, tzinfo=UTC))
    assert [periods.months_back(count) for count in (0, 1, 2, 13)] == [
        date(2027, 2, 1),
        date(2027, 1, 1),
        date(2026, 12, 1),
        date(2026, 1, 1),
    ]
    assert (periods.days_this_month(), periods.days_left()) == (28, 1)


def test_a_visitor_with_a_link_sees_no_usage(owner: Actor) -> None:
    document = factories.upload(owner.scope)
    with unit_of_work(owner.scope) as uow:
        shared = share_document(uow, document.id, NewShare())
    visitor = open_share(shared.link.rpartition("/")[2], None)
    for ask in (read_usage, list_people_usage, list_months, list_forecasts):
        with pytest.raises(NotFound), unit_of_work(visitor.scope) as uow:
            ask(uow)
