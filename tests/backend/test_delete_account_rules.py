"""Deleting an account: who may not go yet, however many ask at once and whatever changes in the seven days."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

import pytest
from fastapi import FastAPI

from clasio_backend.accounts.authorize import authorize_person, authorize_session
from clasio_backend.accounts.errors import WrongPassword
from clasio_backend.activity.service import list_latest
from clasio_backend.core.errors import NotSignedIn, TooManyRequests
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.leaving.account import read_account_deletion
from clasio_backend.leaving.due import carry_out_due
from clasio_backend.leaving.errors import LastOperator, OnlyOwner
from clasio_backend.leaving.organization import keep_organization
from clasio_backend.leaving.schemas import Fate
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.organizations.members import list_people, remove_member
from tests import cast, factories
from tests.cast import Actor
from tests.leaving import Calendar, ask_account, ask_organization, person, rows_of, second_owner
from tests.servers import Servers


def due_at(actor: Actor) -> datetime | None:
    return read_account_deletion(person(actor)).due_at


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


def test_the_only_owner_of_others_has_to_see_to_them_first(owner: Actor, member: Actor, calendar: Calendar) -> None:
    with pytest.raises(OnlyOwner) as refused:
        ask_account(owner)
    assert f"{owner.name}'s company" in refused.value.message
    assert read_account_deletion(person(owner)).refusal == refused.value.message
    assert due_at(owner) is None
    ask_organization(owner)  # "… or delete that organization"
    row = ask_account(owner)
    assert [one.fate for one in row.organizations] == [Fate.CLOSING]
    calendar.carry_out()
    with pytest.raises(NotSignedIn):
        authorize_person(owner.cookie)


def test_the_account_waits_for_the_organization_that_goes_first(
    owner: Actor, member: Actor, servers: Servers, calendar: Calendar
) -> None:
    ask_organization(owner)
    ask_account(owner)
    calendar.pass_by(1)
    with unit_of_work(owner.scope) as uow:
        keep_organization(uow)
    ask_organization(owner)  # which now is due a day later than the account
    calendar.pass_by(6.01)
    carry_out_due()
    assert authorize_session(owner.cookie).user.deletion_due_at is not None
    calendar.carry_out()
    assert user_row(servers, owner.user_id)["name"] == "Former member"
    assert rows_of(servers, owner.organization_id) == {}


def test_of_two_owners_who_delete_their_accounts_at_once_one_stays(servers: Servers, calendar: Calendar) -> None:
    for _ in range(3):
        first = cast.owner()
        second = second_owner(first)
        cast.member_of(first)

        def go(actor: Actor) -> str:
            try:
                ask_account(actor)
            except OnlyOwner as error:
                return error.code
            return "asked"

        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(go, (first, second))) == ["asked", "only_owner"]


def test_who_has_become_the_only_owner_meanwhile_stays_and_is_told(
    owner: Actor, member: Actor, calendar: Calendar
) -> None:
    other = second_owner(owner)
    ask_account(owner)
    with unit_of_work(other.scope) as uow:
        remove_member(uow, other.user_id)
    calendar.carry_out()
    assert due_at(owner) is None
    assert authorize_session(owner.cookie).user.id == owner.user_id
    assert people(owner) == {owner.user_id, member.user_id}
    assert subjects_to(owner.email)[0] == "Your Clasio account was not deleted"
    with unit_of_work(owner.scope) as uow:
        entry = next(row for row in list_latest(uow) if row.action == "account.not_deleted")
    assert (entry.who, entry.sentence, entry.target_name) == ("Clasio", "did not delete the account of", owner.name)


def test_two_owners_whose_time_has_come_together_do_not_both_go(
    owner: Actor, member: Actor, servers: Servers, calendar: Calendar
) -> None:
    """However both came to be due: the rule is asked again under the lock of the organization."""
    other = second_owner(owner)
    ask_account(owner)
    with servers.as_owner() as connection:
        connection.execute("UPDATE users SET deletion_due_at = now() WHERE id = %s", [other.user_id])
    calendar.pass_by(7.01)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: carry_out_due(), range(2)))
    left = [actor for actor in (owner, other) if user_row(servers, actor.user_id)["deleted_at"] is None]
    assert left, "an organization with members has lost its last owner"
    assert member.user_id in people(left[0])


def test_the_password_is_asked_for_and_guessing_ends(owner: Actor) -> None:
    for _ in range(10):
        with pytest.raises(WrongPassword):
            ask_account(owner, password="not this one")
    with pytest.raises(TooManyRequests):
        ask_account(owner)
    assert due_at(owner) is None


def test_the_last_operator_stays(servers: Servers, owner: Actor, outsider: Actor, calendar: Calendar) -> None:
    with servers.as_owner() as connection:
        connection.execute("UPDATE users SET is_operator = (id = %s)", [owner.user_id])
    with pytest.raises(LastOperator):
        ask_account(owner)
    with servers.as_owner() as connection:
        connection.execute("UPDATE users SET is_operator = true WHERE id = %s", [outsider.user_id])

    def go(actor: Actor) -> str:
        try:
            ask_account(actor)
        except LastOperator as error:
            return error.code
        return "asked"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(go, (owner, outsider))) == ["asked", "last_operator"]
    calendar.carry_out()
    with servers.as_owner() as connection:
        operators = connection.execute("SELECT count(*) FROM users WHERE is_operator").fetchone()
    assert operators == (1,)


def test_a_refusal_is_a_sentence_by_api(app: FastAPI, owner: Actor, member: Actor) -> None:
    wanted = {"documents": "stay", "password": factories.PASSWORD}
    answer = owner.api(app).post("/api/v1/account/deletion", json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (409, "only_owner")
    assert "Make somebody else an owner first" in answer.json()["detail"]
