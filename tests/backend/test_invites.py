"""Invites: who may, for whom, how long, how often, and what becomes of their links."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI

from clasio_backend.accounts.authorize import authorize_session
from clasio_backend.accounts.errors import LinkNotFound, WrongCredentials
from clasio_backend.accounts.schemas import NewSession
from clasio_backend.core.errors import ClasioError, NotFound, TooManyRequests
from clasio_backend.core.ids import new_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.organizations.errors import AlreadyInvited, AlreadyMember, InviteForSomebodyElse, NameMissing
from clasio_backend.organizations.invites import (
    accept_invite,
    invite,
    join_as,
    list_invites,
    resend_invite,
    view_invite,
    withdraw_invite,
)
from clasio_backend.organizations.members import list_people
from clasio_backend.organizations.schemas import InviteAnswer, NewInvite, SentInvite
from clasio_backend.security.passwords import WeakPassword
from clasio_backend.security.tokens import hash_token
from tests import factories
from tests.cast import Actor, visitor
from tests.servers import Servers


def send(actor: Actor, email: str | None = None, role: str = "member") -> SentInvite:
    with unit_of_work(actor.scope) as uow:
        return invite(uow, NewInvite.model_validate({"email": email or factories.new_email("nina"), "role": role}))


def token_of(sent: SentInvite) -> str:
    return parse_qs(urlsplit(sent.link).query)["token"][0]


def accept(token: str, *, name: str | None = "Nina Newcomer", password: str = factories.PASSWORD) -> NewSession:
    answer = InviteAnswer.model_validate({"name": name, "password": password})
    return accept_invite(token, answer, ip_address=f"test-{new_id()}", user_agent="tests")


def age(servers: Servers, sent: SentInvite, days: float) -> None:
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE invites SET expires_at = expires_at - make_interval(secs => %s) WHERE id = %s",
            [days * 86_400, sent.id],
        )


@pytest.mark.parametrize("role", ["member", "owner"])
def test_a_newcomer_joins_with_the_role_that_was_chosen(owner: Actor, role: str) -> None:
    sent = send(owner, role=role)
    view = view_invite(token_of(sent))
    assert (view.organization, view.invited_by, view.role, view.has_account) == (
        f"{owner.name}'s company",
        owner.name,
        role,
        False,
    )
    signed_in = authorize_session(accept(token_of(sent)).token)
    assert (signed_in.scope.organization_id, signed_in.scope.role) == (owner.organization_id, role)
    assert (signed_in.user.name, signed_in.user.email) == ("Nina Newcomer", sent.email)


def test_a_link_works_once(owner: Actor) -> None:
    token = token_of(send(owner))
    accept(token)
    with pytest.raises(LinkNotFound):
        accept(token)


def test_a_link_works_for_seven_days(owner: Actor, servers: Servers) -> None:
    first, second = send(owner), send(owner)
    age(servers, first, 6.99)
    age(servers, second, 7.01)
    accept(token_of(first))
    with pytest.raises(LinkNotFound):
        accept(token_of(second))
    with unit_of_work(owner.scope) as uow:
        assert [(row.id, row.is_expired) for row in list_invites(uow)] == [(second.id, True)]


def test_sending_again_gives_a_new_link_and_kills_the_former(owner: Actor, servers: Servers) -> None:
    first = send(owner)
    age(servers, first, 8)
    with unit_of_work(owner.scope) as uow:
        again = resend_invite(uow, first.id)
    assert again.id == first.id
    with pytest.raises(LinkNotFound):
        view_invite(token_of(first))
    accept(token_of(again))


def test_a_withdrawn_invite_is_gone(owner: Actor) -> None:
    sent = send(owner)
    with unit_of_work(owner.scope) as uow:
        withdraw_invite(uow, sent.id)
    with pytest.raises(LinkNotFound):
        accept(token_of(sent))
    with pytest.raises(LinkNotFound), unit_of_work(owner.scope) as uow:
        resend_invite(uow, sent.id)
    assert send(owner, sent.email).id != sent.id  # and can be sent anew


def test_nobody_is_invited_twice_or_into_where_they_are(owner: Actor, member: Actor) -> None:
    sent = send(owner)
    with pytest.raises(AlreadyInvited):
        send(owner, sent.email.upper())
    with pytest.raises(AlreadyMember):
        send(owner, member.email.upper())


def test_members_neither_invite_nor_see_invites(owner: Actor, member: Actor) -> None:
    sent = send(owner)
    with pytest.raises(NotFound):
        send(member)
    for act in (list_invites, lambda uow: resend_invite(uow, sent.id), lambda uow: withdraw_invite(uow, sent.id)):
        with pytest.raises(NotFound), unit_of_work(member.scope) as uow:
            act(uow)


def test_somebody_with_an_account_proves_it_by_its_password(owner: Actor, outsider: Actor) -> None:
    token = token_of(send(owner, outsider.email))
    assert view_invite(token).has_account
    with pytest.raises(WrongCredentials):
        accept(token, name=None, password="not the password at all")
    signed_in = authorize_session(accept(token, name=None).token)
    assert (signed_in.user.id, signed_in.scope.organization_id) == (outsider.user_id, owner.organization_id)
    assert len(signed_in.organizations) == 2


def test_guessing_the_password_behind_an_invite_is_slowed_down(owner: Actor, outsider: Actor) -> None:
    token = token_of(send(owner, outsider.email))
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            accept(token, password="not the password at all")
    with pytest.raises(TooManyRequests):
        accept(token)


def test_who_is_signed_in_joins_at_once_but_only_as_the_one_invited(owner: Actor, outsider: Actor) -> None:
    token = token_of(send(owner, outsider.email))
    with pytest.raises(InviteForSomebodyElse):
        join_as(owner.signed_in, token)
    join_as(outsider.signed_in, token)
    assert authorize_session(outsider.cookie).scope.organization_id == owner.organization_id


def test_a_bad_answer_uses_nothing_up(owner: Actor) -> None:
    token = token_of(send(owner))
    with pytest.raises(NameMissing):
        accept(token, name=None)
    with pytest.raises(WeakPassword):
        accept(token, password="short")
    assert authorize_session(accept(token).token).user.name == "Nina Newcomer"


def test_who_was_removed_comes_back_by_a_new_invite_with_its_role(owner: Actor, member: Actor, app: FastAPI) -> None:
    assert owner.api(app).delete(f"/api/v1/members/{member.user_id}").status_code == 204
    accept(token_of(send(owner, member.email, role="owner")), name=None)
    with unit_of_work(owner.scope) as uow:
        assert {(row.id, row.role) for row in list_people(uow)} == {(owner.user_id, "owner"), (member.user_id, "owner")}


def test_the_token_is_stored_nowhere_in_clear(owner: Actor, servers: Servers) -> None:
    token = token_of(send(owner))
    with servers.as_owner() as connection:
        stored = connection.execute("SELECT token_hash FROM invites WHERE token_hash = %s", [hash_token(token)])
        assert stored.fetchone() is not None
        for table in ("invites", "mails", "jobs", "activity"):
            rows = connection.execute(f"SELECT to_jsonb(t)::text FROM {table} t".encode()).fetchall()
            assert not any(token in row[0] for row in rows), table


@pytest.mark.parametrize("token", ["", "unknown", "x" * 10_000, "\x00", "é"])
def test_unknown_links_are_gone(servers: Servers, token: str) -> None:
    with pytest.raises(LinkNotFound):
        view_invite(token)


def test_an_invite_is_accepted_over_http_and_signs_in(app: FastAPI, owner: Actor) -> None:
    client = visitor(app)
    client.headers["sec-fetch-site"] = "same-origin"
    form = {"token": token_of(send(owner)), "name": "Nina Newcomer", "password": factories.PASSWORD}
    answer = client.post("/auth/accept-invite", data=form)
    assert answer.status_code == 303, answer.text
    assert client.get("/api/v1/documents").status_code == 200
    again = client.post("/auth/accept-invite", data=form, headers={"accept": "application/json"})
    assert (again.status_code, again.json()["code"]) == (404, LinkNotFound.code)


@pytest.mark.parametrize("email", ["", "no address", "a@b", "x" * 400 + "@example.org", "a\r\nb@example.org"])
def test_odd_addresses_are_refused_in_words(app: FastAPI, owner: Actor, email: str) -> None:
    answer = owner.api(app).post("/api/v1/invites", json={"email": email})
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_two_who_click_at_once_join_once(owner: Actor, servers: Servers) -> None:
    token = token_of(send(owner))

    def go(_: int) -> str:
        try:
            return accept(token).token
        except ClasioError as error:
            return error.code

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(go, range(4)))
    with unit_of_work(owner.scope) as uow:
        assert len(list_people(uow)) == 2, answers
