"""Shares: who may open and close them, how long they last, and what stays out of reach of a visitor."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI

from clasio_backend.activity.service import list_of_document
from clasio_backend.core.clock import now
from clasio_backend.core.errors import ClasioError, NotFound
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.repository import DocumentRepository, DocumentTextRepository
from clasio_backend.documents.schemas import DocumentChange, DocumentQuery
from clasio_backend.documents.service import get_document, list_documents
from clasio_backend.documents.trash import restore_document, trash_document
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.organizations.members import change_member, remove_member
from clasio_backend.organizations.schemas import MemberChange
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents
from clasio_backend.security.tokens import hash_token
from clasio_backend.sharing import visits
from clasio_backend.sharing.errors import ShareNotFound, SharePasswordNeeded, TooLong, WrongSharePassword
from clasio_backend.sharing.schemas import CreatedShare, Device, NewShare, Opened, ShareChange, ShareRow
from clasio_backend.sharing.service import (
    change_share,
    list_opens,
    list_shares,
    list_shares_of,
    revoke_all_shares,
    revoke_share,
    share_document,
    tell_sharers,
)
from tests import factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker

PASSWORD = "under the third stone"


def share(actor: Actor, document_id: UUID, **values: object) -> CreatedShare:
    with unit_of_work(actor.scope) as uow:
        return share_document(uow, document_id, NewShare.model_validate(values))


def token_of(created: CreatedShare) -> str:
    return created.link.rpartition("/")[2]


def enter(created: CreatedShare, key: str | None = None) -> Opened:
    return visits.open_share(token_of(created), key)


def shares_of(actor: Actor) -> list[ShareRow]:
    with unit_of_work(actor.scope) as uow:
        return list_shares(uow)


def is_open(created: CreatedShare) -> bool:
    try:
        enter(created)
    except ShareNotFound:
        return False
    return True


def move_end(servers: Servers, created: CreatedShare, days: float) -> None:
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE shares SET expires_at = now() + make_interval(secs => %s) WHERE id = %s",
            [days * 86_400, created.id],
        )


def test_a_link_opens_its_document_and_says_who_shared_it(owner: Actor, worker: Worker) -> None:
    document = factories.upload(owner.scope, "terms.txt", "The terms of the lease are these.")
    worker.run_all()
    opened = enter(share(owner, document.id))
    shared = visits.visit(opened, Device.PHONE)
    assert (shared.document.name, shared.shared_by, shared.may_edit) == ("terms.txt", owner.name, False)
    assert "terms of the lease" in shared.text


def test_a_share_lasts_thirty_days_unless_chosen(owner: Actor) -> None:
    document = factories.upload(owner.scope)
    for wanted, days in ((None, 30), (1, 1), (90, 90)):
        left = share(owner, document.id, expires_in_days=wanted).expires_at - now()
        assert timedelta(days=days, minutes=-1) < left <= timedelta(days=days)


@pytest.mark.parametrize("days", [0, -1, 91, 10**9])
def test_other_lengths_are_refused(app: FastAPI, owner: Actor, days: int) -> None:
    document = factories.upload(owner.scope)
    answer = owner.api(app).post(f"/api/v1/documents/{document.id}/shares", json={"expires_in_days": days})
    assert answer.status_code == 422


def test_the_owners_maximum_holds_for_everybody(owner: Actor, member: Actor, servers: Servers) -> None:
    document = factories.upload(owner.scope)
    with servers.as_owner() as connection:
        connection.execute("UPDATE organizations SET max_share_days = 7 WHERE id = %s", [owner.organization_id])
    with pytest.raises(TooLong):
        share(member, document.id, expires_in_days=8)
    created = share(member, document.id)
    assert created.expires_at - now() <= timedelta(days=7)
    with pytest.raises(TooLong), unit_of_work(owner.scope) as uow:
        change_share(uow, created.id, ShareChange(expires_in_days=8))


def test_a_share_ends_by_itself(owner: Actor, servers: Servers) -> None:
    created = share(owner, factories.upload(owner.scope).id)
    move_end(servers, created, -0.001)
    assert not is_open(created)
    assert shares_of(owner) == []


def test_a_revoked_share_is_gone_at_once(owner: Actor) -> None:
    created = share(owner, factories.upload(owner.scope).id)
    opened = enter(created)
    with unit_of_work(owner.scope) as uow:
        revoke_share(uow, created.id)
    assert not is_open(created)
    assert opened.share_id == created.id
    with pytest.raises(NotFound), unit_of_work(owner.scope) as uow:
        revoke_share(uow, created.id)


def test_members_close_their_own_shares_and_owners_any(owner: Actor, member: Actor) -> None:
    document = factories.upload(owner.scope)
    of_owner, of_member = share(owner, document.id), share(member, document.id)
    assert {row.id: row.may_revoke for row in shares_of(member)} == {of_owner.id: False, of_member.id: True}
    for act in (revoke_share, lambda uow, row_id: change_share(uow, row_id, ShareChange(expires_in_days=1))):
        with pytest.raises(NotFound), unit_of_work(member.scope) as uow:
            act(uow, of_owner.id)
    with unit_of_work(owner.scope) as uow:
        revoke_share(uow, of_member.id)
    assert (is_open(of_owner), is_open(of_member)) == (True, False)


def test_revoking_all_closes_what_the_caller_may_close(owner: Actor, member: Actor) -> None:
    document = factories.upload(owner.scope)
    of_owner, of_member = share(owner, document.id), share(member, document.id)
    with unit_of_work(member.scope) as uow:
        assert revoke_all_shares(uow) == 1
    assert (is_open(of_owner), is_open(of_member)) == (True, False)
    with unit_of_work(owner.scope) as uow:
        assert revoke_all_shares(uow) == 1
    assert not is_open(of_owner)


def test_a_document_in_the_trash_is_shared_with_nobody(owner: Actor) -> None:
    document = factories.upload(owner.scope)
    created = share(owner, document.id)
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, document.id)
    assert not is_open(created)
    with pytest.raises(NotFound):
        share(owner, document.id)
    with unit_of_work(owner.scope) as uow:
        restore_document(uow, document.id)
    assert is_open(created)


def test_shares_rest_with_their_sharer_and_end_when_they_are_removed(owner: Actor, member: Actor) -> None:
    created = share(member, factories.upload(owner.scope).id)
    for is_active in (False, True):
        with unit_of_work(owner.scope) as uow:
            change_member(uow, member.user_id, MemberChange(is_active=is_active))
        assert is_open(created) is is_active
    with unit_of_work(owner.scope) as uow:
        remove_member(uow, member.user_id)
    assert not is_open(created)
    factories.join(owner.organization_id, member.user_id)
    assert not is_open(created)  # coming back opens nothing again


def test_a_password_stands_before_everything(owner: Actor) -> None:
    created = share(owner, factories.upload(owner.scope).id, password=PASSWORD)
    other = share(owner, factories.upload(owner.scope).id, password=PASSWORD)
    for key in (None, "", "nonsense", "é", "x" * 10_000):
        with pytest.raises(SharePasswordNeeded):
            enter(created, key)
    with pytest.raises(WrongSharePassword):
        visits.unlock_share(token_of(created), "not it", ip_address="192.0.2.1")
    key = visits.unlock_share(token_of(created), PASSWORD, ip_address="192.0.2.1")
    assert enter(created, key).share_id == created.id
    with pytest.raises(SharePasswordNeeded):
        enter(other, key)  # a key opens one share


def test_guessing_a_password_is_slowed_down(owner: Actor) -> None:
    created = share(owner, factories.upload(owner.scope).id, password=PASSWORD)
    for _ in range(10):
        with pytest.raises(WrongSharePassword):
            visits.unlock_share(token_of(created), "not it", ip_address="192.0.2.2")
    with pytest.raises(ClasioError) as refused:
        visits.unlock_share(token_of(created), PASSWORD, ip_address="192.0.2.2")
    assert refused.value.status == 429


def test_passwords_typed_all_at_once_are_no_more_than_ten(owner: Actor) -> None:
    created = share(owner, factories.upload(owner.scope).id, password=PASSWORD)

    def guess(number: int) -> str:
        with pytest.raises(ClasioError) as refused:
            visits.unlock_share(token_of(created), f"not it {number}", ip_address="192.0.2.3")
        return refused.value.code

    with ThreadPoolExecutor(15) as pool:
        codes = Counter(pool.map(guess, range(30)))
    assert codes == {"wrong_share_password": 10, "too_many_requests": 20}


def test_neither_token_nor_password_is_stored_in_clear(owner: Actor, servers: Servers) -> None:
    token = token_of(share(owner, factories.upload(owner.scope).id, password=PASSWORD, email="nina@example.org"))
    with servers.as_owner() as connection:
        assert connection.execute("SELECT 1 FROM shares WHERE token_hash = %s", [hash_token(token)]).fetchone()
        for table in ("shares", "mails", "jobs", "activity"):
            rows = connection.execute(f"SELECT to_jsonb(t)::text FROM {table} t".encode()).fetchall()
            assert not any(token in row[0] or PASSWORD in row[0] for row in rows), table


def test_a_visitor_reaches_one_document_and_nothing_else(owner: Actor, worker: Worker) -> None:
    shared = factories.upload(owner.scope, "open.txt", "open words")
    hidden = factories.upload(owner.scope, "hidden.txt", "hidden words")
    worker.run_all()
    visitor = enter(share(owner, shared.id, access="editor")).scope
    with unit_of_work(visitor) as uow:
        assert get_document(uow, shared.id).name == "open.txt"
        assert [row.id for row in list_documents(uow, DocumentQuery()).items] == [shared.id]
        assert uow.repository(DocumentTextRepository).find_text(hidden.id) is None
        assert uow.repository(DocumentRepository).find(hidden.id) is None
        assert search_documents(uow, SearchQuery(q="hidden")).items == ()
    for act in (
        lambda uow: get_document(uow, hidden.id),
        lambda uow: trash_document(uow, shared.id),
        lambda uow: share_document(uow, shared.id, NewShare()),
        list_shares,
    ):
        with pytest.raises(NotFound), unit_of_work(visitor) as uow:
            act(uow)


def test_an_editors_change_is_attributed_to_the_share(owner: Actor) -> None:
    document = factories.upload(owner.scope, "draft.txt")
    viewer, editor = share(owner, document.id), share(owner, document.id, access="editor")
    with pytest.raises(NotFound):
        visits.edit(enter(viewer), DocumentChange(name="by a viewer.txt"))
    visits.edit(enter(editor), DocumentChange(name="final.txt", category="Contracts"))
    with unit_of_work(owner.scope) as uow:
        detail = get_document(uow, document.id)
        entry = list_of_document(uow, document.id)[0]
    assert (detail.name, detail.category, detail.value_sources["category"]) == ("final.txt", "Contracts", "human")
    assert (entry.who, entry.action) == ("A visitor", "document.changed")


def test_openings_are_counted_once_a_minute_for_each_sort_of_device(owner: Actor) -> None:
    document = factories.upload(owner.scope)
    created = share(owner, document.id)
    for device in (Device.PHONE, Device.PHONE, Device.COMPUTER):
        visits.visit(enter(created), device)
    visits.download(enter(created), Device.COMPUTER)
    with unit_of_work(owner.scope) as uow:
        opens = list_opens(uow, created.id)
        [row] = list_shares_of(uow, document.id)
        actions = [entry.action for entry in list_of_document(uow, document.id)]
    assert sorted((row.kind, row.device) for row in opens) == [
        ("download", "computer"),
        ("view", "computer"),
        ("view", "phone"),
    ]
    assert row.open_count == 3
    assert row.last_opened_at is not None
    assert (actions.count("share.opened"), actions.count("document.downloaded")) == (2, 1)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1",
            "phone",
        ),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "phone"),
        ("Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1 Safari/604.1", "tablet"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "computer"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605.1 Safari/605.1", "computer"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "program"),
        ("curl/8.5.0", "program"),
        ("", "program"),
    ],
)
def test_devices_are_told_apart_coarsely(user_agent: str, device: str) -> None:
    assert visits.device_of(user_agent) == device


def test_a_share_by_e_mail_is_mailed_with_its_link(owner: Actor) -> None:
    document = factories.upload(owner.scope, "offer.txt")
    email = factories.new_email("nina")
    created = share(owner, document.id, email=email, password=PASSWORD)
    [mail] = [mail for mail in list_kept_mails() if mail.to_address == email]
    assert created.link in mail.text
    assert "offer.txt" in mail.subject
    assert PASSWORD not in mail.text
    assert "password" in mail.text


def test_the_sharer_is_told_once_before_a_share_ends(owner: Actor, servers: Servers) -> None:
    document = factories.upload(owner.scope, "lease.txt")
    soon, later = share(owner, document.id), share(owner, document.id)
    with servers.as_owner() as connection:  # as if all of it had begun a month ago
        for table in ("memberships", "shares"):
            connection.execute(
                f"UPDATE {table} SET created_at = created_at - interval '30 days' WHERE organization_id = %s".encode(),
                [owner.organization_id],
            )
    move_end(servers, soon, 1.5)
    tell_sharers()
    tell_sharers()
    told = [mail for mail in list_kept_mails() if mail.to_address == owner.email]
    assert len(told) == 1
    assert "lease.txt" in told[0].subject
    assert (is_open(soon), is_open(later)) == (True, True)


def test_who_shared_for_a_day_is_not_told(owner: Actor) -> None:
    share(owner, factories.upload(owner.scope).id, expires_in_days=1)
    tell_sharers()
    assert [mail for mail in list_kept_mails() if mail.to_address == owner.email] == []


def test_another_organizations_shares_stay_out_of_sight(owner: Actor, other_tenant: Actor) -> None:
    document = factories.upload(owner.scope)
    created = share(owner, document.id)
    assert shares_of(other_tenant) == []
    for act in (
        lambda uow: revoke_share(uow, created.id),
        lambda uow: list_opens(uow, created.id),
        lambda uow: list_shares_of(uow, document.id),
        lambda uow: share_document(uow, document.id, NewShare()),
    ):
        with pytest.raises(NotFound), unit_of_work(other_tenant.scope) as uow:
            act(uow)
    assert is_open(created)
