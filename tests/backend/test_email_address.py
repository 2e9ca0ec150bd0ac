"""One's own e-mail address: confirmed, and changed, by a link that is mailed to it."""

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI

from clasio_backend.accounts.addresses import confirm_email, read_address, request_change, request_confirmation
from clasio_backend.accounts.errors import EmailTaken, LinkNotFound, WrongPassword
from clasio_backend.accounts.service import sign_in
from clasio_backend.core.errors import TooManyRequests
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import UserScope
from clasio_backend.mail.service import list_kept_mails
from tests import factories
from tests.cast import Actor, visitor
from tests.servers import Servers

JSON = {"accept": "application/json"}


def person(actor: Actor) -> UserScope:
    return UserScope(actor.user_id, new_id().hex)


def mails_to(email: str) -> list[str]:
    return [f"{mail.subject}\n{mail.text}" for mail in list_kept_mails() if mail.to_address == email]


def token_at(email: str) -> str:
    found = re.search(r"/confirm-email\?token=(\S+)", mails_to(email)[0])
    assert found
    return found[1]


def confirm(token: str) -> None:
    confirm_email(token, ip_address="203.0.113.7", request_id=new_id().hex)


@pytest.fixture
def new_email() -> str:
    return factories.new_email("moved")


def test_an_address_is_confirmed_by_the_link_that_is_mailed_to_it(owner: Actor) -> None:
    assert read_address(person(owner)).confirmed_at is None
    request_confirmation(person(owner))
    confirm(token := token_at(owner.email))
    assert read_address(person(owner)).confirmed_at is not None
    with pytest.raises(LinkNotFound):
        confirm(token)


def test_an_address_changes_when_the_link_is_opened_and_not_before(owner: Actor, new_email: str) -> None:
    request_change(person(owner), new_email, owner.password)
    assert read_address(person(owner)).email == owner.email
    assert f"to {new_email}. Nothing changes before" in " ".join(mails_to(owner.email)[0].split())
    confirm(token_at(new_email))
    address = read_address(person(owner))
    assert (address.email, address.confirmed_at is not None) == (new_email, True)
    assert mails_to(owner.email)[0].startswith("Your Clasio account has a new e-mail address")
    assert sign_in(new_email, owner.password, ip_address="127.0.0.1", user_agent="tests", request_id=new_id().hex)


def test_the_password_is_asked_for_again(owner: Actor, new_email: str) -> None:
    with pytest.raises(WrongPassword):
        request_change(person(owner), new_email, "not the password at all")
    assert mails_to(new_email) == []


def test_of_several_links_only_the_newest_works(owner: Actor, new_email: str) -> None:
    request_change(person(owner), new_email, owner.password)
    former = token_at(new_email)
    other = factories.new_email("elsewhere")
    request_change(person(owner), other, owner.password)
    with pytest.raises(LinkNotFound):
        confirm(former)
    confirm(token_at(other))
    assert read_address(person(owner)).email == other


@pytest.mark.parametrize("spelling", [str, str.upper], ids=["as it is", "in capitals"])
def test_the_address_of_somebody_else_gets_no_mail_and_nothing_tells(
    owner: Actor, outsider: Actor, app: FastAPI, new_email: str, spelling: Callable[[str], str]
) -> None:
    answers = [
        owner.browser(app).post("/api/v1/email-address", json={"email": email, "password": owner.password})
        for email in (new_email, spelling(outsider.email))
    ]
    assert [(answer.status_code, answer.text) for answer in answers] == [(202, "")] * 2
    assert mails_to(outsider.email) == []


def test_an_address_that_somebody_took_meanwhile_stays_theirs(owner: Actor, new_email: str, servers: Servers) -> None:
    request_change(person(owner), new_email, owner.password)
    token = token_at(new_email)
    factories.new_person("Quick Quinn", email=new_email)
    with pytest.raises(EmailTaken):
        confirm(token)
    assert read_address(person(owner)).email == owner.email


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE one_time_links SET expires_at = now() WHERE user_id = %s",
        "UPDATE users SET is_active = false WHERE id = %s",
    ],
    ids=["a day later", "switched off"],
)
def test_the_link_works_no_more(owner: Actor, servers: Servers, change: str) -> None:
    request_confirmation(person(owner))
    token = token_at(owner.email)
    with servers.as_owner() as connection:
        connection.execute(change.encode(), [owner.user_id])
    with pytest.raises(LinkNotFound):
        confirm(token)


def test_nobody_is_flooded_with_mails(owner: Actor) -> None:
    for _ in range(5):
        request_confirmation(person(owner))
    with pytest.raises(TooManyRequests):
        request_confirmation(person(owner))
    assert len(mails_to(owner.email)) == 5


def test_the_link_opens_without_a_sign_in(owner: Actor, app: FastAPI) -> None:
    assert owner.browser(app).post("/api/v1/email-address/confirmation").status_code == 202
    form = {"token": token_at(owner.email)}
    answer = visitor(app).post("/auth/confirm-email", data=form, headers=JSON | {"sec-fetch-site": "same-origin"})
    assert (answer.status_code, answer.json()) == (200, {"go_to": "/confirm-email/done"})
    shown = owner.browser(app).get("/api/v1/email-address").json()
    assert (shown["email"], shown["confirmed_at"] is not None) == (owner.email, True)
