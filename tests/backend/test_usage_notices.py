"""Owners hear of 80, 95 and 100 percent once each, however many people use the plan at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import NotFound, QuotaExceeded
from clasio_backend.core.scope import Scope, system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.intake import check_upload
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.organizations.members import change_member
from clasio_backend.organizations.schemas import MemberChange
from clasio_backend.usage import periods
from clasio_backend.usage.notices import settle_notices
from clasio_backend.usage.plans import GAUGE, PLANS, Meter
from clasio_backend.usage.service import count, give_back, reconcile, set_plan
from tests import cast, factories
from tests.cast import Actor
from tests.fakes.smtp import MailServer
from tests.servers import Servers
from tests.worker import Worker

THREADS = 16


@pytest.fixture
def free(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """On a free plan of 40 documents, 10 fast analyses and 2,000 bytes."""
    limits = PLANS["free"].limits | {Meter.DOCUMENTS: 40, Meter.FAST_ANALYSES: 10, Meter.STORAGE_BYTES: 2_000}
    monkeypatch.setitem(PLANS, "free", replace(PLANS["free"], limits=limits))
    return cast.owner("Fred Free", plan="free")


def use(scope: Scope, amount: int, meter: Meter = Meter.DOCUMENTS) -> None:
    with unit_of_work(scope) as uow:
        count(uow, {meter: amount})


def system(actor: Actor) -> Scope:
    return system_scope(actor.organization_id, "test")


def told(servers: Servers, actor: Actor, meter: Meter = Meter.DOCUMENTS) -> list[int]:
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT threshold FROM usage_notices WHERE organization_id = %s AND meter = %s ORDER BY period, threshold",
            [actor.organization_id, meter],
        ).fetchall()
    return [row[0] for row in rows]


def subjects(actor: Actor) -> list[str]:
    """What the outbox holds for this person, the oldest first."""
    return [mail.subject for mail in reversed(list_kept_mails()) if mail.to_address == actor.email]


def percents_in_activity(servers: Servers, actor: Actor) -> list[int]:
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT (details ->> 'percent')::int FROM activity"
            " WHERE organization_id = %s AND action = 'organization.limit_neared' ORDER BY at, id",
            [actor.organization_id],
        ).fetchall()
    return [row[0] for row in rows]


def test_sixteen_threads_together_tell_each_threshold_once(free: Actor, servers: Servers) -> None:
    def upload(_: int) -> None:
        for _ in range(4):
            with suppress(QuotaExceeded):
                use(free.scope, 1)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(upload, range(THREADS)))
    assert told(servers, free) == [80, 95, 100]
    assert subjects(free) == [
        "Fred Free's company has used 80 % of its documents",
        "Fred Free's company has used 95 % of its documents",
        "Fred Free's company has reached its limit of documents",
    ]
    assert percents_in_activity(servers, free) == [80, 95, 100]


def test_below_the_first_threshold_nobody_is_told(free: Actor, servers: Servers) -> None:
    use(free.scope, 31)
    assert (told(servers, free), subjects(free)) == ([], [])


def test_one_use_past_two_thresholds_is_one_mail(free: Actor, servers: Servers) -> None:
    use(free.scope, 39)
    assert told(servers, free) == [80, 95]
    assert subjects(free) == ["Fred Free's company has used 95 % of its documents"]


def test_a_use_that_is_undone_tells_nobody(free: Actor, servers: Servers) -> None:
    with pytest.raises(QuotaExceeded), unit_of_work(free.scope) as uow:
        count(uow, {Meter.DOCUMENTS: 35, Meter.STORAGE_BYTES: 2_001})
    assert (told(servers, free), subjects(free)) == ([], [])
    use(free.scope, 35)
    assert told(servers, free) == [80]


def test_every_owner_is_told_and_no_member(free: Actor) -> None:
    partner, colleague = cast.member_of(free, "Petra Partner"), cast.member_of(free)
    with unit_of_work(system(free)) as uow:
        change_member(uow, partner.user_id, MemberChange(role="owner"))
    use(colleague.scope, 32)
    assert (len(subjects(free)), len(subjects(partner)), subjects(colleague)) == (1, 1, [])


def test_going_up_and_down_within_a_day_is_told_once(free: Actor, servers: Servers) -> None:
    for _ in range(3):
        use(free.scope, 32)
        with unit_of_work(free.scope) as uow:
            give_back(uow, Meter.DOCUMENTS, 32)
    assert (told(servers, free), len(subjects(free))) == ([80], 1)


@pytest.mark.parametrize(("fell_to", "mails"), [(30, 1), (29, 2)])
def test_after_the_daily_check_saw_it_five_points_below_it_is_news_again(
    free: Actor, servers: Servers, fell_to: int, mails: int
) -> None:
    """75 % of 40 documents are 30."""
    use(free.scope, 32)
    with unit_of_work(free.scope) as uow:
        give_back(uow, Meter.DOCUMENTS, 32 - fell_to)
    with unit_of_work(system(free)) as uow:
        settle_notices(uow)
    use(free.scope, 32 - fell_to)
    assert (told(servers, free), len(subjects(free))) == ([80], mails)


def test_a_monthly_meter_is_told_once_a_month(free: Actor, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periods, "now", lambda: datetime(2026, 12, 30, tzinfo=UTC))
    use(free.scope, 8, Meter.FAST_ANALYSES)
    with unit_of_work(system(free)) as uow:
        give_back(uow, Meter.FAST_ANALYSES, 8)
        settle_notices(uow)
    use(free.scope, 8, Meter.FAST_ANALYSES)
    assert len(subjects(free)) == 1
    monkeypatch.setattr(periods, "now", lambda: datetime(2027, 1, 2, tzinfo=UTC))
    use(free.scope, 8, Meter.FAST_ANALYSES)
    assert told(servers, free, Meter.FAST_ANALYSES) == [80, 80]
    assert subjects(free) == ["Fred Free's company has used 80 % of its fast analyses this month"] * 2


def test_the_first_file_without_room_shows_that_storage_is_full(free: Actor, servers: Servers) -> None:
    def is_refused(number: int) -> bool:
        try:
            if number % 2:
                check_upload(free.scope, 41)
            else:
                factories.upload(free.scope, content=f"{number:050}")
        except QuotaExceeded:
            return True
        return False

    use(free.scope, 1_960, Meter.STORAGE_BYTES)
    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(is_refused, range(THREADS)))
    assert told(servers, free, Meter.STORAGE_BYTES) == [80, 95, 100]
    assert subjects(free)[-1] == "Fred Free's company has reached its limit of storage"
    assert len(subjects(free)) == 2


def test_a_file_that_is_larger_than_the_plan_is_no_sign_of_a_full_plan(free: Actor, servers: Servers) -> None:
    with pytest.raises(QuotaExceeded):
        check_upload(free.scope, 2_001)
    assert told(servers, free, Meter.STORAGE_BYTES) == []


def test_another_plan_brings_another_limit_and_says_so(free: Actor, servers: Servers) -> None:
    use(free.scope, 33)
    with unit_of_work(system(free)) as uow:
        assert set_plan(uow, "pro") == "free"
    assert told(servers, free) == []
    with unit_of_work(system(free)) as uow:
        set_plan(uow, "free")
    assert told(servers, free) == [80]
    assert len(subjects(free)) == 2


def test_what_the_daily_reconciling_puts_right_is_told_too(free: Actor, servers: Servers) -> None:
    for number in range(33):
        factories.upload(free.scope, content=f"{number}")
    with servers.as_owner() as connection:
        for statement in (
            "UPDATE usage_counters SET used = 1 WHERE organization_id = %s",
            "DELETE FROM usage_notices WHERE organization_id = %s",
        ):
            connection.execute(statement, [free.organization_id])
    with unit_of_work(system(free)) as uow:
        assert reconcile(uow)["documents"] == (1, 33)
    assert told(servers, free) == [80]


def test_reservations_count(free: Actor, servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute(
            "INSERT INTO usage_counters (organization_id, meter, period, used, reserved) VALUES (%s, %s, %s, 20, 11)",
            [free.organization_id, Meter.DOCUMENTS, GAUGE],
        )
    use(free.scope, 1)
    assert told(servers, free) == [80]
    with pytest.raises(QuotaExceeded):
        use(free.scope, 9)


def test_a_member_cannot_settle(free: Actor) -> None:
    with pytest.raises(NotFound), unit_of_work(cast.member_of(free).scope) as uow:
        settle_notices(uow)


@pytest.fixture
def mail_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    monkeypatch.setenv("SMTP_URL", server.url)
    get_settings.cache_clear()
    yield server
    server.stop()
    monkeypatch.undo()
    get_settings.cache_clear()


def test_the_mail_says_used_limit_plan_and_where_to_look(
    servers: Servers, worker: Worker, mail_server: MailServer
) -> None:
    free = cast.owner("Fred Free", plan="free")
    use(free.scope, 400)
    worker.run_all()
    [message] = mail_server.mailbox.messages
    text = message.get_body(("plain",))
    assert text is not None
    words = text.get_content()
    assert message["To"] == free.email
    for part in ("400 of 500 documents (free plan)", "no new documents are taken in", "http://127.0.0.1:8000/usage"):
        assert part in words
