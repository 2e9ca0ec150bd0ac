"""One's own sign-ins: every browser is listed, one or all others end at once, and a new password ends them all."""

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI

from clasio_backend.accounts import service
from clasio_backend.accounts.authorize import authorize_session
from clasio_backend.accounts.errors import WrongCredentials, WrongPassword
from clasio_backend.accounts.schemas import NewSession
from clasio_backend.accounts.service import sign_in
from clasio_backend.accounts.sessions import (
    SamePassword,
    change_password,
    end_other_sessions,
    end_session,
    list_sessions,
)
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import NotFound, NotSignedIn, TooManyRequests
from clasio_backend.core.ids import new_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.security.cookies import cookie_name
from clasio_backend.security.devices import in_words
from clasio_backend.security.passwords import WeakPassword
from tests import factories
from tests.cast import Actor
from tests.servers import Servers

NEW_PASSWORD = "seven herons over a quiet mill"
BROWSER = {"ip_address": "203.0.113.7", "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko Firefox/140.0"}


def another_browser(actor: Actor) -> NewSession:
    session = sign_in(actor.email, actor.password, request_id=new_id().hex, **BROWSER)
    authorize_session(session.token)
    return session


def is_signed_in(token: str) -> bool:
    try:
        authorize_session(token)
    except NotSignedIn:
        return False
    return True


def test_every_browser_is_listed_the_one_used_last_first_and_nobody_elses(owner: Actor, member: Actor) -> None:
    other = another_browser(owner)
    another_browser(member)
    here = authorize_session(owner.cookie)
    with unit_of_work(here.scope) as uow:
        rows = list_sessions(uow, here.session_id)
    assert [(row.id, row.is_current) for row in rows] == [(other.session_id, False), (here.session_id, True)]
    assert (rows[0].device, rows[0].ip_address) == ("Firefox on Linux", "203.0.113.7")


def test_one_is_ended_and_the_others_stay(owner: Actor) -> None:
    lost, kept = another_browser(owner), another_browser(owner)
    with unit_of_work(owner.scope) as uow:
        end_session(uow, lost.session_id)
    assert [is_signed_in(token) for token in (lost.token, kept.token, owner.cookie)] == [False, True, True]
    with pytest.raises(NotFound), unit_of_work(owner.scope) as uow:
        end_session(uow, lost.session_id)


def test_nobody_ends_the_session_of_somebody_else(owner: Actor, member: Actor) -> None:
    theirs = another_browser(member)
    with pytest.raises(NotFound), unit_of_work(owner.scope) as uow:
        end_session(uow, theirs.session_id)
    with unit_of_work(owner.scope) as uow:
        end_other_sessions(uow, authorize_session(owner.cookie).session_id)
    assert is_signed_in(theirs.token)


def test_all_others_end(owner: Actor) -> None:
    others = [another_browser(owner) for _ in range(2)]
    with unit_of_work(owner.scope) as uow:
        assert end_other_sessions(uow, authorize_session(owner.cookie).session_id) == 2
    assert [is_signed_in(other.token) for other in others] == [False, False]
    assert is_signed_in(owner.cookie)


def test_a_new_password_ends_every_session_opens_one_and_is_told(owner: Actor, servers: Servers) -> None:
    other = another_browser(owner)
    session = change_password(authorize_session(owner.cookie), owner.password, NEW_PASSWORD, **BROWSER)
    assert [is_signed_in(token) for token in (owner.cookie, other.token, session.token)] == [False, False, True]
    assert authorize_session(session.token).organization.id == owner.organization_id
    with pytest.raises(WrongCredentials):
        sign_in(owner.email, owner.password, request_id="test", ip_address=new_id().hex, user_agent="")
    sign_in(owner.email, NEW_PASSWORD, request_id="test", ip_address=new_id().hex, user_agent="")
    told = [mail.subject for mail in list_kept_mails() if mail.to_address == owner.email]
    assert told == ["Your Clasio password was changed"]
    with servers.as_owner() as connection:
        noted = connection.execute(
            "SELECT count(*) FROM security_events WHERE user_id = %s AND kind = 'password_changed'", [owner.user_id]
        ).fetchone()
    assert noted == (1,)


def test_of_changes_at_once_one_wins(owner: Actor) -> None:
    here = authorize_session(owner.cookie)

    def change(number: int) -> str | None:
        new = f"{NEW_PASSWORD} {number}"
        try:
            change_password(here, owner.password, new, **BROWSER)
        except (WrongPassword, TooManyRequests):
            return None
        return new

    with ThreadPoolExecutor(8) as pool:
        changed = [new for new in pool.map(change, range(8)) if new]
    assert len(changed) == 1
    assert sign_in(owner.email, changed[0], request_id="test", ip_address=new_id().hex, user_agent="")


def test_a_sign_in_that_a_change_overtook_opens_nothing(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    check = service.check_password

    def checked_before(*given: Any, **named: Any) -> Any:
        found = check(*given, **named)
        change_password(authorize_session(owner.cookie), owner.password, NEW_PASSWORD, **BROWSER)
        return found

    monkeypatch.setattr(service, "check_password", checked_before)
    with pytest.raises(WrongCredentials):
        sign_in(owner.email, owner.password, request_id="test", ip_address=new_id().hex, user_agent="")
    monkeypatch.undo()
    assert sign_in(owner.email, NEW_PASSWORD, request_id="test", ip_address=new_id().hex, user_agent="")


@pytest.mark.parametrize(
    ("current", "new", "refusal", "field"),
    [
        ("not the password of anybody", NEW_PASSWORD, WrongPassword, "current_password"),
        (factories.PASSWORD, "too short", WeakPassword, "password"),
        (factories.PASSWORD, factories.PASSWORD, SamePassword, "password"),
    ],
)
def test_what_is_refused_changes_nothing(
    owner: Actor, current: str, new: str, refusal: type[Exception], field: str
) -> None:
    other = another_browser(owner)
    with pytest.raises(refusal) as refused:
        change_password(authorize_session(owner.cookie), current, new, **BROWSER)
    assert list(refused.value.fields) == [field]  # type: ignore[attr-defined]
    assert is_signed_in(other.token)
    assert is_signed_in(owner.cookie)


def test_the_form_changes_the_cookie_and_the_api_lists_for_browsers_alone(app: FastAPI, owner: Actor) -> None:
    browser = owner.browser(app)
    assert [row["is_current"] for row in browser.get("/api/v1/sessions").json()] == [True]
    assert owner.api(app).get("/api/v1/sessions").status_code == 401
    assert browser.delete("/api/v1/sessions").json() == {"ended": 0}
    form = {"current_password": owner.password, "password": NEW_PASSWORD}
    answer = browser.post("/auth/change-password", data=form, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()) == (200, {"go_to": "/settings"})
    assert not is_signed_in(owner.cookie)
    assert is_signed_in(answer.cookies[cookie_name(get_settings())])


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/130 Safari/537.36 Edg/130", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit Version/18 Safari/604",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_in_words(user_agent: str, words: str) -> None:
    assert in_words(user_agent) == words


def test_a_session_is_stored_as_a_hash_alone(owner: Actor, servers: Servers) -> None:
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT to_jsonb(s)::text FROM sessions s WHERE user_id = %s", [owner.user_id]
        ).fetchall()
    assert rows
    assert all(owner.cookie not in row[0] for row in rows)
    assert len(base64.urlsafe_b64decode(f"{owner.cookie}==")) >= 32
