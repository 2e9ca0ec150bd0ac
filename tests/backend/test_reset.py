"""A forgotten password: the answer tells nothing, the link works once, and nobody is signed in by it."""

import re
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from fastapi import FastAPI

from clasio_backend.accounts import reset
from clasio_backend.accounts.authorize import authorize_session
from clasio_backend.accounts.errors import LinkNotFound, WrongCredentials
from clasio_backend.accounts.schemas import CodeWanted, NewSession
from clasio_backend.accounts.service import sign_in
from clasio_backend.cli.admin import reset_password_link
from clasio_backend.core.errors import NotFound, NotSignedIn
from clasio_backend.core.ids import new_id
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.security.passwords import WeakPassword
from tests import factories
from tests.cast import Actor, visitor
from tests.servers import Servers

NEW_PASSWORD = "seven herons over a quiet mill"
BROWSER = {"ip_address": "203.0.113.7", "user_agent": "tests"}
TELLS = {"sec-fetch-site": "same-origin", "accept": "application/json"}


def mails_to(email: str) -> list[str]:
    """Subjects and texts, the newest first."""
    return [f"{mail.subject}\n{mail.text}" for mail in list_kept_mails() if mail.to_address == email]


def token_for(actor: Actor) -> str:
    """Out of the mail that a person who forgot the password gets."""
    reset.send_link(actor.email, ip_address="203.0.113.7", request_id=new_id().hex)
    found = re.search(r"/reset-password\?token=(\S+)", mails_to(actor.email)[0])
    assert found
    return found[1]


def use(token: str, password: str = NEW_PASSWORD) -> None:
    reset.reset_password(token, password, ip_address="203.0.113.7", request_id=new_id().hex)


def came_in(actor: Actor, password: str) -> NewSession | CodeWanted:
    return sign_in(actor.email, password, request_id=new_id().hex, **BROWSER)


def test_a_link_chooses_a_new_password_and_ends_every_session(owner: Actor) -> None:
    use(token_for(owner))
    with pytest.raises(NotSignedIn):
        authorize_session(owner.cookie)
    with pytest.raises(WrongCredentials):
        came_in(owner, owner.password)
    assert isinstance(came_in(owner, NEW_PASSWORD), NewSession)
    assert mails_to(owner.email)[0].startswith("Your Clasio password was changed")


def test_it_works_once_and_so_do_its_like(owner: Actor) -> None:
    first, second = token_for(owner), token_for(owner)
    use(first)
    for token in (first, second):  # the other one was asked for before the password was changed
        with pytest.raises(LinkNotFound):
            use(token, "another eight herons over a mill")


def test_many_at_once_change_it_once(owner: Actor) -> None:
    token = token_for(owner)

    def attempt(number: int) -> bool:
        try:
            use(token, f"{NEW_PASSWORD} number {number}")
        except LinkNotFound:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


def test_a_weak_password_leaves_the_link_as_it_is(owner: Actor) -> None:
    token = token_for(owner)
    with pytest.raises(WeakPassword):
        use(token, "too short")
    use(token)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE one_time_links SET expires_at = now() WHERE user_id = %s",
        "UPDATE users SET is_active = false WHERE id = %s",
        "UPDATE users SET email = 'moved.' || email WHERE id = %s",
    ],
    ids=["an hour later", "switched off", "the address is another's by now"],
)
def test_it_works_no_more(owner: Actor, servers: Servers, change: str) -> None:
    token = token_for(owner)
    with servers.as_owner() as connection:
        connection.execute(change.encode(), [owner.user_id])
    with pytest.raises(LinkNotFound):
        use(token)


def test_it_is_no_way_around_the_second_factor(owner: Actor, app: FastAPI) -> None:
    browser = authorize_session(owner.cookie)
    secret = owner.browser(app).post("/api/v1/second-factor/set-up", json={"password": owner.password}).json()["secret"]
    turned_on = owner.browser(app).post("/api/v1/second-factor/confirm", json={"code": pyotp.TOTP(secret).now()})
    assert (turned_on.status_code, browser.user.id) == (200, owner.user_id)
    use(token_for(owner))
    assert isinstance(came_in(owner, NEW_PASSWORD), CodeWanted)


def test_the_answer_is_the_same_for_an_address_that_nobody_has(owner: Actor, app: FastAPI) -> None:
    answers = []
    for email in (owner.email, factories.new_email("nobody")):
        answer = visitor(app).post("/auth/forgot-password", data={"email": email}, headers=TELLS)
        answers.append((answer.status_code, answer.json(), sorted(answer.headers)))
    assert answers[0] == answers[1]
    assert answers[0][1] == {"go_to": "/forgot-password/sent"}
    assert len(mails_to(owner.email)) == 1


def test_few_mails_go_to_one_address_whether_somebody_has_it_or_not(owner: Actor, app: FastAPI) -> None:
    for email in (owner.email, factories.new_email("nobody")):
        codes = [
            visitor(app).post("/auth/forgot-password", data={"email": written}, headers=TELLS).status_code
            for written in (email, email.upper(), email, email, email, email)
        ]
        assert codes == [200] * 5 + [429]
    assert len(mails_to(owner.email)) == 5


def test_somebody_who_was_switched_off_gets_no_mail(owner: Actor, servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute("UPDATE users SET is_active = false WHERE id = %s", [owner.user_id])
    reset.send_link(owner.email, ip_address="203.0.113.7", request_id=new_id().hex)
    assert mails_to(owner.email) == []


def test_the_form_leads_to_the_sign_in_page_and_sets_no_cookie(owner: Actor, app: FastAPI) -> None:
    form = {"token": token_for(owner), "password": NEW_PASSWORD}
    answer = visitor(app).post("/auth/reset-password", data=form, headers=TELLS)
    assert (answer.status_code, answer.json()) == (200, {"go_to": "/sign-in"})
    assert "set-cookie" not in answer.headers
    again = visitor(app).post("/auth/reset-password", data=form, headers=TELLS)
    assert (again.status_code, again.json()["code"]) == (404, "link_not_found")


def test_the_command_line_makes_a_link_for_where_no_mail_arrives(servers: Servers) -> None:
    person = factories.new_person("Nora Nowhere")  # in no organization, so no mail can go out
    reset.send_link(person.email, ip_address="203.0.113.7", request_id=new_id().hex)
    assert mails_to(person.email) == []
    use(reset_password_link(person.email)["link"].partition("token=")[2])
    with pytest.raises(NotFound):
        reset_password_link(factories.new_email("nobody"))
