"""Two-factor sign-in over HTTP: what each way in answers, and what its cookies open."""

import pyotp
from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

from clasio_backend.core.config import get_settings
from clasio_backend.security.cookies import cookie_name, pending_cookie_name
from tests.cast import Actor, visitor
from tests.factors import turn_on
from tests.servers import Servers

JSON = {"accept": "application/json", "sec-fetch-site": "same-origin"}
PASSWORD_STEP = "/auth/sign-in"
CODE_STEP = "/auth/sign-in/code"


def give_password(client: TestClient, actor: Actor) -> Response:
    return client.post(PASSWORD_STEP, data={"email": actor.email, "password": actor.password}, headers=JSON)


def give_code(client: TestClient, code: str) -> Response:
    return client.post(CODE_STEP, data={"code": code}, headers=JSON)


def session_of(answer: Response) -> str | None:
    return answer.cookies.get(cookie_name(get_settings()))


def test_the_password_gives_no_session_and_the_code_does(app: FastAPI, owner: Actor, servers: Servers) -> None:
    factor, client = turn_on(owner, servers), visitor(app)
    first = give_password(client, owner)
    assert (first.status_code, first.json(), session_of(first)) == (200, {"go_to": "/sign-in/code"}, None)
    header = first.headers["set-cookie"].lower()
    assert "max-age=300" in header
    assert all(word in header for word in ("httponly", "samesite=lax", "path=/"))
    assert client.get("/api/v1/usage").status_code == 401
    second = give_code(client, factor.new_code())
    assert (second.status_code, second.json()) == (200, {"go_to": "/"})
    assert session_of(second)
    assert client.get("/api/v1/usage").status_code == 200
    assert pending_cookie_name(get_settings()) not in client.cookies


def test_the_cookie_between_the_steps_is_no_session(app: FastAPI, owner: Actor, servers: Servers) -> None:
    turn_on(owner, servers)
    client = visitor(app)
    give_password(client, owner)
    token = client.cookies[pending_cookie_name(get_settings())]
    posing = visitor(app)
    posing.headers["cookie"] = f"{cookie_name(get_settings())}={token}"
    assert posing.get("/api/v1/usage").status_code == 401
    assert visitor(app).get("/api/v1/usage", headers={"authorization": f"Bearer {token}"}).status_code == 401


def test_a_wrong_code_can_be_corrected_and_a_right_one_works_once(app: FastAPI, owner: Actor, servers: Servers) -> None:
    factor, client = turn_on(owner, servers), visitor(app)
    give_password(client, owner)
    wrong = give_code(client, "000000")
    assert (wrong.status_code, wrong.json()["code"], list(wrong.json()["fields"])) == (422, "wrong_code", ["code"])
    assert session_of(give_code(client, factor.new_code()))
    late = give_code(client, factor.new_code())  # a second tab
    assert (late.status_code, late.json()["code"], session_of(late)) == (401, "sign_in_again", None)


def test_of_two_tabs_the_later_password_counts(app: FastAPI, owner: Actor, servers: Servers) -> None:
    factor, client = turn_on(owner, servers), visitor(app)
    give_password(client, owner)
    give_password(client, owner)
    assert session_of(give_code(client, factor.new_code()))


def test_the_cookie_of_somebody_else_wants_their_code(
    app: FastAPI, owner: Actor, member: Actor, servers: Servers
) -> None:
    factor, theirs, client = turn_on(owner, servers), turn_on(member, servers), visitor(app)
    give_password(client, member)
    assert give_code(client, factor.new_code()).json()["code"] == "wrong_code"
    assert session_of(give_code(client, theirs.new_code()))


def test_forms_without_scripts_are_led_on(app: FastAPI, owner: Actor, servers: Servers) -> None:
    factor, client = turn_on(owner, servers), visitor(app)
    client.headers["sec-fetch-site"] = "same-origin"
    first = client.post(PASSWORD_STEP, data={"email": owner.email, "password": owner.password})
    assert (first.status_code, first.headers["location"]) == (303, "/sign-in/code")
    wrong = client.post(CODE_STEP, data={"code": "1"})
    assert wrong.headers["location"] == "/sign-in/code?error=wrong_code"
    assert client.post(CODE_STEP, data={"code": factor.new_code()}).headers["location"] == "/"
    assert client.post(CODE_STEP, data={"code": "1"}).headers["location"] == "/sign-in?error=sign_in_again"


def test_another_site_cannot_send_a_code(app: FastAPI, owner: Actor, servers: Servers) -> None:
    factor, client = turn_on(owner, servers), visitor(app)
    give_password(client, owner)
    answer = client.post(CODE_STEP, data={"code": factor.new_code()}, headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, session_of(answer)) == (403, None)


def test_it_is_set_up_and_turned_off_by_api_in_a_browser_alone(app: FastAPI, owner: Actor, servers: Servers) -> None:
    browser, part = owner.browser(app), "/api/v1/second-factor"
    assert owner.api(app).get(part).status_code == 401
    assert owner.api(app).post(f"{part}/set-up", json={"password": owner.password}).status_code == 401
    behind_a_proxy = {"authorization": "Basic b3duZXI6cGFzc3dvcmQ="}  # which browsers send along by themselves
    assert browser.get(part, headers=behind_a_proxy).status_code == 200
    assert browser.get(part).json() == {"is_on": False, "since": None, "recovery_codes_left": 0}
    begun = browser.post(f"{part}/set-up", json={"password": owner.password})
    assert begun.status_code == 201
    secret = begun.json()["secret"]
    made = browser.post(f"{part}/confirm", json={"code": pyotp.TOTP(secret).now()})
    assert len(made.json()["codes"]) == 10
    assert browser.get(part).json()["recovery_codes_left"] == 10
    code = made.json()["codes"][0]
    renewed = browser.post(f"{part}/recovery-codes", json={"password": owner.password, "code": code})
    assert len(renewed.json()["codes"]) == 10
    off = {"password": owner.password, "code": renewed.json()["codes"][0]}
    assert browser.post(f"{part}/turn-off", json=off).status_code == 204
    assert browser.post(f"{part}/turn-off", json=off).json()["code"] == "second_factor_is_off"
