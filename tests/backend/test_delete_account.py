"""Deleting an account: what is asked, calling it off, and what is left of the person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

import pytest
from fastapi import FastAPI

from clasio_backend.accounts.authorize import authorize_person, authorize_session, authorize_token
from clasio_backend.accounts.errors import WrongCredentials
from clasio_backend.accounts.service import sign_in
from clasio_backend.activity.service import list_latest
from clasio_backend.core import gateway
from clasio_backend.core.errors import NotSignedIn
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentQuery, TrashQuery
from clasio_backend.documents.service import list_documents
from clasio_backend.documents.trash import list_trash, restore_document
from clasio_backend.leaving.account import keep_account, read_account_deletion
from clasio_backend.leaving.due import carry_out_due
from clasio_backend.leaving.schemas import Fate
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.organizations.invites import accept_invite, invite, list_invites
from clasio_backend.organizations.members import list_people, remove_member
from clasio_backend.organizations.schemas import InviteAnswer, NewInvite
from clasio_backend.sharing.errors import ShareNotFound
from clasio_backend.sharing.schemas import NewShare
from clasio_backend.sharing.service import share_document
from clasio_backend.sharing.visits import open_share
from tests import cast, factories
from tests.cast import Actor, visitor
from tests.factors import turn_on
from tests.leaving import Calendar, ask_account, person, rows_of, stored_files
from tests.owned import Untouched
from tests.servers import Servers

BROWSER = {"ip_address": "127.0.0.1", "user_agent": "tests", "request_id": "tests"}


def due_at(actor: Actor) -> datetime | None:
    return read_account_deletion(person(actor)).due_at


def names_of(actor: Actor) -> list[str]:
    with unit_of_work(actor.scope) as uow:
        return sorted(row.name for row in list_documents(uow, DocumentQuery()).items)


def people(actor: Actor) -> set[UUID]:
    with unit_of_work(actor.scope) as uow:
        return {row.id for row in list_people(uow)}


def subjects_to(email: str) -> list[str]:
    return [mail.subject for mail in list_kept_mails() if mail.to_address == email]


def user_row(servers: Servers, user_id: UUID) -> dict[str, object]:
    with servers.as_owner() as connection:
        row = connection.execute("SELECT to_jsonb(u) FROM users u WHERE id = %s", [user_id]).fetchone()
    assert row is not None
    values: dict[str, object] = row[0]
    return values


def test_documents_stay_and_everything_that_says_who_it_was_goes(  # noqa: PLR0917
    app: FastAPI, owner: Actor, member: Actor, other_tenant: Actor, servers: Servers, calendar: Calendar
) -> None:
    theirs = Untouched(servers, other_tenant.organization_id)
    document = factories.upload(member.scope, "mine.txt")
    with unit_of_work(member.scope) as uow:
        link = share_document(uow, document.id, NewShare()).link
    turn_on(member, servers)
    row = ask_account(member)
    assert [(one.id, one.fate) for one in row.organizations] == [(owner.organization_id, Fate.LEAVES)]
    calendar.pass_by(6.99)
    carry_out_due()
    assert member.api(app).get("/api/v1/documents").status_code == 200  # seven days as before

    calendar.pass_by(0.02)
    carry_out_due()
    with pytest.raises(NotSignedIn):
        authorize_person(member.cookie)
    with pytest.raises(NotSignedIn):
        authorize_token(member.api_token)
    with pytest.raises(WrongCredentials):
        sign_in(member.email, factories.PASSWORD, **BROWSER)
    with pytest.raises(ShareNotFound):
        open_share(link.rpartition("/")[2], None)
    assert people(owner) == {owner.user_id}
    assert names_of(owner) == ["mine.txt"]
    left = user_row(servers, member.user_id)
    assert left["name"] == "Former member"
    assert (left["password_hash"], left["is_active"], left["deletion_due_at"]) == (None, False, None)
    assert member.email not in str(left)
    assert "sessions" not in rows_of(servers, owner.organization_id)
    with servers.as_owner() as connection:
        for table in ("sessions", "one_time_links", "api_tokens", "second_factors", "recovery_codes"):
            found = connection.execute(
                f"SELECT count(*) FROM {table} WHERE user_id = %s".encode(), [member.user_id]
            ).fetchone()
            assert found == (0,), table
    assert subjects_to(member.email)[0] == "Your Clasio account is deleted"
    theirs.check("the deletion of an account elsewhere")
    carry_out_due()  # nothing is left to do


def test_the_activity_keeps_what_a_former_member_did(owner: Actor, member: Actor, calendar: Calendar) -> None:
    factories.upload(member.scope, "mine.txt")
    ask_account(member)
    calendar.carry_out()
    with unit_of_work(owner.scope) as uow:
        rows = list_latest(uow, limit=50)
        document = list_documents(uow, DocumentQuery()).items[0]
    assert document.uploaded_by == "Former member"
    by_action = {row.action: row for row in rows}
    assert by_action["document.uploaded"].who == "Former member"
    assert by_action["account.deletion_asked"].who == "Former member"
    assert by_action["account.deletion_asked"].detail.startswith("due on ")
    deleted = by_action["account.deleted"]
    assert (deleted.who, deleted.sentence, deleted.target_name) == ("Clasio", "deleted the account of", "Former member")
    assert member.name not in str(rows)
    assert member.email not in str(rows)


def test_the_address_can_be_used_again(owner: Actor, member: Actor, calendar: Calendar, servers: Servers) -> None:
    ask_account(member)
    calendar.carry_out()
    assert gateway.find_user(member.email) is None
    with unit_of_work(owner.scope) as uow:
        sent = invite(uow, NewInvite(email=member.email))
    answer = InviteAnswer.model_validate({"name": "Max Again", "password": factories.PASSWORD})
    session = accept_invite(sent.link.rpartition("=")[2], answer, ip_address="127.0.0.1", user_agent="tests")
    assert session.user_id != member.user_id
    assert people(owner) == {owner.user_id, session.user_id}


def test_documents_that_go_wait_in_the_trash_where_an_owner_can_restore_them(
    owner: Actor, member: Actor, calendar: Calendar
) -> None:
    mine = [factories.upload(member.scope, f"mine {number}.txt") for number in range(3)]
    factories.upload(owner.scope, "ours.txt")
    ask_account(member, "go")
    assert len(names_of(owner)) == 4
    calendar.carry_out()
    assert names_of(owner) == ["ours.txt"]
    with unit_of_work(owner.scope) as uow:
        assert len(list_trash(uow, TrashQuery()).items) == 3
        restore_document(uow, mine[0].id)
    assert names_of(owner) == ["mine 0.txt", "ours.txt"]


def test_documents_in_an_organization_left_before_stay(owner: Actor, member: Actor, calendar: Calendar) -> None:
    factories.upload(member.scope, "mine.txt")
    with unit_of_work(member.scope) as uow:
        remove_member(uow, member.user_id)
    ask_account(member, "go")
    calendar.carry_out()
    assert names_of(owner) == ["mine.txt"]


def test_an_organization_without_anybody_else_goes_along(
    owner: Actor, outsider: Actor, servers: Servers, calendar: Calendar
) -> None:
    factories.upload(owner.scope)
    factories.join(outsider.organization_id, owner.user_id)
    row = ask_account(owner)
    fates = {one.id: one.fate for one in row.organizations}
    assert fates == {owner.organization_id: Fate.GOES, outsider.organization_id: Fate.LEAVES}
    factories.upload(owner.scope, "still open.txt")
    calendar.carry_out()
    farewell = next(mail for mail in list_kept_mails() if mail.to_address == owner.email)
    assert f"Deleted with it: {owner.name}'s company." in farewell.text
    assert rows_of(servers, owner.organization_id) == {}
    assert stored_files(servers, owner.organization_id) == []
    assert people(outsider) == {outsider.user_id}
    assert user_row(servers, owner.user_id)["name"] == "Former member"


def test_calling_it_off_changes_nothing_else(app: FastAPI, owner: Actor, member: Actor, calendar: Calendar) -> None:
    ask_account(member, "go")
    client = member.browser(app)
    asked = client.get("/api/v1/account/deletion").json()
    assert (asked["documents"], asked["due_at"] is not None) == ("go", True)
    calendar.pass_by(8)
    assert client.delete("/api/v1/account/deletion").status_code == 204
    assert client.delete("/api/v1/account/deletion").status_code == 204
    carry_out_due()
    after = client.get("/api/v1/account/deletion").json()
    assert (after["documents"], after["due_at"]) == ("stay", None)
    assert member.api(app).get("/api/v1/documents").status_code == 200
    assert subjects_to(member.email)[0] == "Your Clasio account stays"
    assert people(owner) == {owner.user_id, member.user_id}


def test_two_clicks_start_the_seven_days_once(member: Actor) -> None:
    with ThreadPoolExecutor(4) as threads:
        dates = {row.due_at for row in threads.map(lambda _: ask_account(member), range(4))}
    assert len(dates) == 1
    assert len(subjects_to(member.email)) == 1
    assert ask_account(member, "go").due_at in dates  # a changed mind about the documents keeps the date
    assert read_account_deletion(person(member)).documents == "go"


def test_asking_and_calling_off_at_once_end_in_one_of_the_two(member: Actor) -> None:
    def off(actor: Actor) -> None:
        keep_account(person(actor))

    for _ in range(5):
        with ThreadPoolExecutor(2) as threads:
            for done in [threads.submit(ask_account, member), threads.submit(off, member)]:
                done.result()
    keep_account(person(member))
    assert due_at(member) is None


def test_somebody_in_no_organization_can_go_too(app: FastAPI, servers: Servers, calendar: Calendar) -> None:
    user = factories.new_person("Nora Nowhere")
    answer = visitor(app).post("/auth/sign-in", data={"email": user.email, "password": factories.PASSWORD})
    client = visitor(app)
    client.headers.update({"cookie": answer.headers["set-cookie"].partition(";")[0], "sec-fetch-site": "same-origin"})
    assert client.get("/api/v1/documents").status_code == 403
    wanted = {"documents": "stay", "password": factories.PASSWORD}
    assert client.post("/api/v1/account/deletion", json=wanted).status_code == 202
    calendar.carry_out()
    assert client.get("/api/v1/account/deletion").status_code == 401
    assert user_row(servers, user.id)["name"] == "Former member"


def test_invites_that_they_sent_and_were_sent_do_not_keep_the_address(
    owner: Actor, servers: Servers, calendar: Calendar
) -> None:
    email = factories.new_email("ivy")
    with unit_of_work(owner.scope) as uow:
        sent = invite(uow, NewInvite(email=email, role="owner"))
    answer = InviteAnswer.model_validate({"name": "Ivy Invited", "password": factories.PASSWORD})
    session = accept_invite(sent.link.rpartition("=")[2], answer, ip_address="127.0.0.1", user_agent="tests")
    ivy = authorize_session(session.token)
    with unit_of_work(ivy.scope) as uow:
        invite(uow, NewInvite(email=factories.new_email("next")))
    actor = cast.Actor(ivy.user.id, ivy.user.name, email, ivy, session.token, "")
    ask_account(actor)
    calendar.carry_out()
    with unit_of_work(owner.scope) as uow:
        assert list_invites(uow) == []
    with servers.as_owner() as connection:
        invites = connection.execute("SELECT count(*) FROM invites WHERE email = %s", [email]).fetchone()
        mails = connection.execute("SELECT template FROM mails WHERE to_address = %s", [email]).fetchall()
    assert invites == (0,)
    assert mails == [("account_deleted",)]  # the last word, itself gone after 30 days


def test_a_token_of_a_member_speaks_for_the_person(app: FastAPI, member: Actor) -> None:
    client = member.api(app)
    wanted = {"documents": "stay", "password": factories.PASSWORD}
    assert client.post("/api/v1/account/deletion", json=wanted | {"password": "wrong"}).status_code == 422
    assert client.post("/api/v1/account/deletion", json=wanted | {"documents": "burn"}).status_code == 422
    assert client.post("/api/v1/account/deletion", json=wanted).status_code == 202
    assert client.delete("/api/v1/account/deletion").status_code == 204
