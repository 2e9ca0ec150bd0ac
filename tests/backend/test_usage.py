from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clasio_backend.core.errors import QuotaExceeded
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import trash_document
from clasio_backend.usage import service
from clasio_backend.usage.plans import PLANS, Meter
from clasio_backend.usage.service import count, give_back, read_usage
from tests import cast, factories
from tests.cast import Actor
from tests.servers import Servers

THREADS = 16


@pytest.fixture
def small_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """A free plan of 40 documents, 10 analyses and 2,000 bytes."""
    limits = PLANS["free"].limits | {Meter.DOCUMENTS: 40, Meter.FAST_ANALYSES: 10, Meter.STORAGE_BYTES: 2_000}
    monkeypatch.setitem(PLANS, "free", replace(PLANS["free"], limits=limits))


@pytest.fixture
def free(servers: Servers, small_plan: None) -> Actor:
    return cast.owner("Fred Free", plan="free")


def used(actor: Actor, meter: Meter) -> int:
    with unit_of_work(actor.scope) as uow:
        return next(row.used for row in read_usage(uow).meters if row.meter == meter)


def test_sixteen_threads_together_never_pass_the_limit(free: Actor) -> None:
    def use(_: int) -> int:
        done = 0
        for _ in range(4):
            try:
                with unit_of_work(free.scope) as uow:
                    count(uow, {Meter.DOCUMENTS: 1})
                done += 1
            except QuotaExceeded:
                pass
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        done = sum(pool.map(use, range(THREADS)))
    assert done == used(free, Meter.DOCUMENTS) == 40


def test_the_counter_equals_the_rows_after_concurrent_uploads_and_removals(free: Actor, servers: Servers) -> None:
    def upload_and_maybe_trash(number: int) -> None:
        for turn in range(4):
            try:
                document = factories.upload(free.scope, content=f"{number} {turn}")
            except QuotaExceeded:
                continue
            if turn == 0:
                with unit_of_work(free.scope) as uow:
                    trash_document(uow, document.id)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(upload_and_maybe_trash, range(THREADS)))
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT count(*), sum(size_bytes)::bigint FROM documents WHERE organization_id = %s AND deleted_at IS NULL",
            [free.organization_id],
        ).fetchone()
    assert rows == (used(free, Meter.DOCUMENTS), used(free, Meter.STORAGE_BYTES))
    assert rows[0] <= 40


def test_a_refused_use_counts_nothing_of_what_came_with_it(free: Actor) -> None:
    with pytest.raises(QuotaExceeded), unit_of_work(free.scope) as uow:
        count(uow, {Meter.DOCUMENTS: 1, Meter.STORAGE_BYTES: 2_001})
    assert used(free, Meter.DOCUMENTS) == 0
    assert used(free, Meter.STORAGE_BYTES) == 0


def test_the_refusal_says_what_is_used_up_and_where_to_get_more(free: Actor) -> None:
    with unit_of_work(free.scope) as uow:
        count(uow, {Meter.DOCUMENTS: 40})
    with pytest.raises(QuotaExceeded) as refused, unit_of_work(free.scope) as uow:
        count(uow, {Meter.DOCUMENTS: 1})
    details = refused.value.details()
    assert (details["used"], details["limit"], details["meter"]) == (40, 40, "documents")
    assert str(details["upgrade_url"]).endswith("/billing")
    assert "40 of 40 documents" in refused.value.message


def test_the_last_unit_of_a_limit_can_be_used(free: Actor) -> None:
    with unit_of_work(free.scope) as uow:
        count(uow, {Meter.STORAGE_BYTES: 2_000})
    assert used(free, Meter.STORAGE_BYTES) == 2_000


def test_giving_back_never_goes_below_zero(free: Actor) -> None:
    with unit_of_work(free.scope) as uow:
        count(uow, {Meter.DOCUMENTS: 1})
        give_back(uow, Meter.DOCUMENTS, 5)
    assert used(free, Meter.DOCUMENTS) == 0


def test_monthly_meters_start_anew_each_month_and_levels_do_not(free: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "now", lambda: datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    with unit_of_work(free.scope) as uow:
        count(uow, {Meter.FAST_ANALYSES: 10, Meter.DOCUMENTS: 1})
    with pytest.raises(QuotaExceeded), unit_of_work(free.scope) as uow:
        count(uow, {Meter.FAST_ANALYSES: 1})
    monkeypatch.setattr(service, "now", lambda: datetime(2027, 1, 1, 0, 0, tzinfo=UTC))
    assert used(free, Meter.FAST_ANALYSES) == 0
    assert used(free, Meter.DOCUMENTS) == 1


def test_organizations_do_not_share_a_limit(free: Actor, small_plan: None) -> None:
    with unit_of_work(free.scope) as uow:
        count(uow, {Meter.DOCUMENTS: 40})
    neighbour = cast.owner("Nora Neighbour", plan="free")
    with unit_of_work(neighbour.scope) as uow:
        count(uow, {Meter.DOCUMENTS: 40})
    assert used(free, Meter.DOCUMENTS) == 40
