from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clasio_backend.core.errors import NotFound, QuotaExceeded
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.trash import trash_document
from clasio_backend.usage import periods
from clasio_backend.usage.plans import PLANS, Meter
from clasio_backend.usage.service import count, give_back, read_usage, reconcile, reconcile_all
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
    assert (details["plan"], details["upgrade_url"]) == ("free", "http://127.0.0.1:8000/usage")
    assert refused.value.message == (
        "The free plan's limit is reached: 40 of 40 documents are used. "
        "Move what is no longer needed to the trash; an owner can upgrade the plan."
    )


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
    monkeypatch.setattr(periods, "now", lambda: datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    with unit_of_work(free.scope) as uow:
        count(uow, {Meter.FAST_ANALYSES: 10, Meter.DOCUMENTS: 1})
    with pytest.raises(QuotaExceeded), unit_of_work(free.scope) as uow:
        count(uow, {Meter.FAST_ANALYSES: 1})
    monkeypatch.setattr(periods, "now", lambda: datetime(2027, 1, 1, 0, 0, tzinfo=UTC))
    assert used(free, Meter.FAST_ANALYSES) == 0
    assert used(free, Meter.DOCUMENTS) == 1


def test_organizations_do_not_share_a_limit(free: Actor, small_plan: None) -> None:
    with unit_of_work(free.scope) as uow:
        count(uow, {Meter.DOCUMENTS: 40})
    neighbour = cast.owner("Nora Neighbour", plan="free")
    with unit_of_work(neighbour.scope) as uow:
        count(uow, {Meter.DOCUMENTS: 40})
    assert used(free, Meter.DOCUMENTS) == 40


def test_reconcile_puts_wrong_counters_right_and_says_so(owner: Actor, servers: Servers) -> None:
    document = factories.upload(owner.scope)
    trashed = factories.upload(owner.scope)
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, trashed.id)
        assert reconcile(uow) == {}
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE usage_counters SET used = used + 7 WHERE organization_id = %s AND meter = 'documents'",
            [owner.organization_id],
        )
        connection.execute(
            "DELETE FROM usage_counters WHERE organization_id = %s AND meter = 'storage_bytes'",
            [owner.organization_id],
        )
    found = reconcile_all()[owner.organization_id]
    assert found == {"documents": (8, 1), "storage_bytes": (0, document.size_bytes)}
    assert (used(owner, Meter.DOCUMENTS), used(owner, Meter.STORAGE_BYTES)) == (1, document.size_bytes)


def test_reconcile_amid_uploads_and_removals_leaves_true_counters(owner: Actor) -> None:
    def come_and_go(number: int) -> None:
        document = factories.upload(owner.scope, content=f"reconciled {number} {new_id()}")
        if number % 2:
            with unit_of_work(owner.scope) as uow:
                trash_document(uow, document.id)

    def put_right(_: int) -> None:
        with unit_of_work(system_scope(owner.organization_id, "test")) as uow:
            reconcile(uow)

    with ThreadPoolExecutor(8) as pool:
        going_on = [pool.submit(come_and_go, number) for number in range(40)]
        going_on += [pool.submit(put_right, number) for number in range(20)]
        for each in going_on:
            each.result()
    with unit_of_work(owner.scope) as uow:
        assert reconcile(uow) == {}
    assert used(owner, Meter.DOCUMENTS) == 20


def test_members_cannot_reconcile(member: Actor) -> None:
    with pytest.raises(NotFound), unit_of_work(member.scope) as uow:
        reconcile(uow)
