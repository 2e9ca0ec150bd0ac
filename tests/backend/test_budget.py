"""Reserve, call, settle: never past a limit by one token, never twice, never lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from clasio_backend.core.clock import now
from clasio_backend.core.errors import QuotaExceeded
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.usage import budget, periods
from clasio_backend.usage.budget import (
    NotNow,
    ReservationGone,
    check_analysis,
    release,
    release_all_expired,
    reserve,
    settle,
)
from clasio_backend.usage.plans import PLANS, Meter
from clasio_backend.usage.service import reconcile
from tests import cast
from tests.cast import Actor
from tests.gemini import counters
from tests.servers import Servers

WORKERS = 32
TOKENS = 30_001


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets limits of the free plan: fast analyses, tokens, analyses an hour."""

    def use(*, fast: int = 100, tokens: int = 1_000_000, hourly: int = 1_000) -> None:
        limits = PLANS["free"].limits | {Meter.FAST_ANALYSES: fast, Meter.AI_TOKENS: tokens}
        monkeypatch.setitem(PLANS, "free", replace(PLANS["free"], limits=limits, analyses_per_hour=hourly))

    return use


@pytest.fixture
def free(servers: Servers) -> Actor:
    return cast.owner("Fred Free", plan="free")


def hold(actor: Actor, job_id: UUID, tokens: int = TOKENS) -> None:
    with unit_of_work(system_scope(actor.organization_id, "test")) as uow:
        reserve(uow, job_id, {Meter.FAST_ANALYSES: 1, Meter.AI_TOKENS: tokens})


def charge(actor: Actor, job_id: UUID, tokens: int) -> None:
    with unit_of_work(system_scope(actor.organization_id, "test")) as uow:
        settle(uow, job_id, {Meter.FAST_ANALYSES: 1, Meter.AI_TOKENS: tokens})


def give_back(actor: Actor, job_id: UUID) -> None:
    with unit_of_work(system_scope(actor.organization_id, "test")) as uow:
        release(uow, job_id)


@pytest.mark.parametrize(
    ("limits", "fit"),
    [
        ({"tokens": 7 * TOKENS + TOKENS - 1}, 7),
        ({"fast": 5}, 5),
        ({"hourly": 6}, 6),
    ],
    ids=["tokens", "analyses", "analyses per hour"],
)
def test_32_workers_at_once_never_pass_a_limit(
    free: Actor, servers: Servers, plan: Callable[..., None], limits: dict[str, int], fit: int
) -> None:
    plan(**limits)

    def work(_: int) -> int:
        try:
            hold(free, new_id())
        except NotNow:
            return 0
        return 1

    with ThreadPoolExecutor(WORKERS) as pool:
        held = sum(pool.map(work, range(WORKERS)))
    assert held == fit
    assert counters(servers, free.organization_id) == {"ai_tokens": (0, fit * TOKENS), "fast_analyses": (0, fit)}


def test_32_workers_that_settle_and_release_leave_what_was_used(
    free: Actor, servers: Servers, plan: Callable[..., None]
) -> None:
    plan(tokens=10**9)

    def work(number: int) -> None:
        job_id = new_id()
        hold(free, job_id)
        if number % 4:
            charge(free, job_id, 100 + number)
        else:
            give_back(free, job_id)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    done = [100 + number for number in range(WORKERS) if number % 4]
    assert counters(servers, free.organization_id) == {"ai_tokens": (sum(done), 0), "fast_analyses": (len(done), 0)}


def test_a_job_that_is_taken_over_holds_once_and_is_charged_once(free: Actor, servers: Servers) -> None:
    job_id = new_id()
    hold(free, job_id)
    hold(free, job_id)  # its worker died after the call began
    assert counters(servers, free.organization_id)["ai_tokens"] == (0, TOKENS)
    charge(free, job_id, 500)
    with pytest.raises(ReservationGone):
        charge(free, job_id, 500)
    give_back(free, job_id)
    assert counters(servers, free.organization_id) == {"ai_tokens": (500, 0), "fast_analyses": (1, 0)}


def test_nobody_is_charged_more_than_was_held(free: Actor, servers: Servers) -> None:
    job_id = new_id()
    hold(free, job_id, tokens=1_000)
    charge(free, job_id, 5_000)
    assert counters(servers, free.organization_id)["ai_tokens"] == (1_000, 0)


def test_charging_is_undone_with_the_transaction_of_its_result(free: Actor, servers: Servers) -> None:
    job_id = new_id()
    hold(free, job_id)

    class LateFailure(Exception):
        pass

    def fail() -> None:
        with unit_of_work(system_scope(free.organization_id, "test")) as uow:
            settle(uow, job_id, {Meter.FAST_ANALYSES: 1, Meter.AI_TOKENS: 9})
            raise LateFailure

    with pytest.raises(LateFailure):
        fail()
    assert counters(servers, free.organization_id)["ai_tokens"] == (0, TOKENS)
    charge(free, job_id, 9)
    assert counters(servers, free.organization_id)["ai_tokens"] == (9, 0)


def test_what_nobody_settles_is_given_back_when_it_expires_and_only_then(
    free: Actor, servers: Servers, other_tenant: Actor
) -> None:
    job_id, kept = new_id(), new_id()
    hold(free, job_id)
    hold(other_tenant, kept)
    release_all_expired()
    assert counters(servers, free.organization_id)["ai_tokens"] == (0, TOKENS)
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE usage_reservations SET expires_at = now() - interval '1 second' WHERE job_id = %s", [job_id]
        )
    release_all_expired()
    release_all_expired()
    assert counters(servers, free.organization_id) == {"ai_tokens": (0, 0), "fast_analyses": (0, 0)}
    assert counters(servers, other_tenant.organization_id)["ai_tokens"] == (0, TOKENS)
    with pytest.raises(ReservationGone):
        charge(free, job_id, 9)


def test_what_is_held_is_rebuilt_from_the_reservations(free: Actor, servers: Servers) -> None:
    hold(free, new_id())
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE usage_counters SET reserved = reserved + 5 WHERE organization_id = %s AND meter = 'ai_tokens'",
            [free.organization_id],
        )
    scope = system_scope(free.organization_id, "test")
    with unit_of_work(scope) as uow:
        assert reconcile(uow) == {"ai_tokens_reserved": (TOKENS + 5, TOKENS)}
    with unit_of_work(scope) as uow:
        assert reconcile(uow) == {}
    assert counters(servers, free.organization_id) == {"ai_tokens": (0, TOKENS), "fast_analyses": (0, 1)}


def test_closed_reservations_are_forgotten_after_two_days(free: Actor, servers: Servers) -> None:
    old, recent = new_id(), new_id()
    for job_id in (old, recent):
        hold(free, job_id)
        charge(free, job_id, 1)
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE usage_reservations SET settled_at = now() - interval '49 hours' WHERE job_id = %s", [old]
        )
        release_all_expired()
        left = connection.execute(
            "SELECT DISTINCT job_id FROM usage_reservations WHERE organization_id = %s", [free.organization_id]
        ).fetchall()
    assert left == [(recent,)]
    assert counters(servers, free.organization_id)["ai_tokens"] == (2, 0)


def test_at_a_months_limit_it_is_the_next_month(
    free: Actor, plan: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(fast=1)
    monkeypatch.setattr(periods, "now", lambda: datetime(2026, 12, 30, 14, 20, tzinfo=UTC))
    job_id = new_id()
    hold(free, job_id)
    charge(free, job_id, 1)
    with pytest.raises(NotNow) as wait:
        hold(free, new_id())
    assert wait.value.until == datetime(2027, 1, 1, tzinfo=UTC)
    assert wait.value.refused is not None
    assert "1 of 1 fast analyses this month are used" in wait.value.message


def test_at_an_hours_limit_it_is_the_next_hour(free: Actor, plan: Callable[..., None]) -> None:
    plan(hourly=1)
    hold(free, new_id())
    with pytest.raises(NotNow) as wait:
        hold(free, new_id())
    assert wait.value.until == periods.next_hour()
    assert "1 of 1 analyses this hour are used" in wait.value.message
    with unit_of_work(free.scope) as uow, pytest.raises(QuotaExceeded) as refused:
        check_analysis(uow, Meter.THOROUGH_ANALYSES)
    assert (refused.value.meter, refused.value.used, refused.value.limit) == ("analyses_per_hour", 1, 1)


def test_while_others_hold_the_rest_it_is_soon(free: Actor, plan: Callable[..., None]) -> None:
    plan(tokens=TOKENS + 10)
    hold(free, new_id())
    with pytest.raises(NotNow) as wait:
        hold(free, new_id())
    assert wait.value.refused is None
    assert wait.value.until <= now() + budget.WAIT_FOR_OTHERS


def test_a_refused_reservation_holds_nothing(free: Actor, servers: Servers, plan: Callable[..., None]) -> None:
    plan(fast=1)
    hold(free, new_id())
    for _ in range(3):
        with pytest.raises(NotNow):
            hold(free, new_id())
    assert counters(servers, free.organization_id) == {"ai_tokens": (0, TOKENS), "fast_analyses": (0, 1)}


def test_what_was_held_last_month_is_charged_to_last_month(
    free: Actor, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = new_id()
    hold(free, job_id)
    later = now() + timedelta(days=40)
    monkeypatch.setattr(periods, "now", lambda: later)
    charge(free, job_id, 7)
    assert counters(servers, free.organization_id)["ai_tokens"] == (7, 0)
