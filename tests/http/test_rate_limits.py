"""Limits as callers meet them: what a plan allows by API token, and one refusal of each kind."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

from clasio_backend.core.config import get_settings
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http import callers
from clasio_backend.ops.access import command_line
from clasio_backend.ops.tokens import create_operator_token
from clasio_backend.security import rate_limit, rates
from clasio_backend.security.rates import Rate
from clasio_backend.usage.plans import PLANS
from clasio_backend.usage.service import set_plan
from tests import cast, factories
from tests.cast import Actor, visitor
from tests.owned import Owned
from tests.servers import Servers

USAGE = "/api/v1/usage"


@pytest.fixture
def few(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """The owner of an organization whose plan allows 6 requests an hour, and each token 3 a minute."""
    monkeypatch.setitem(PLANS, "free", replace(PLANS["free"], api_requests_per_hour=6))
    return cast.owner("Fiona Few", plan="free")


def with_new_token(app: FastAPI, actor: Actor) -> TestClient:
    client = visitor(app)
    client.headers["authorization"] = f"Bearer {factories.new_token(actor.scope)}"
    return client


def statuses(client: TestClient, times: int) -> list[int]:
    return [client.get(USAGE).status_code for _ in range(times)]


def test_the_plans_allow_what_the_product_says() -> None:
    assert {name: plan.api_requests_per_hour for name, plan in PLANS.items()} == {
        "free": 100,
        "pro": 1_000,
        "business": 10_000,
    }


def test_every_answer_says_how_much_is_left(app: FastAPI, few: Actor) -> None:
    client = few.api(app)
    left = []
    for path in (USAGE, "/api/v1/documents?limit=0"):  # one that is refused as well
        answer = client.get(path)
        assert answer.headers["ratelimit-policy"] == '"token-minute";q=3;w=60, "organization-hour";q=6;w=3600'
        left.append([part.partition(";r=")[2].partition(";")[0] for part in answer.headers["ratelimit"].split(", ")])
    assert left == [["2", "5"], ["1", "4"]]
    assert "ratelimit" not in few.browser(app).get(USAGE).headers
    assert "ratelimit" not in visitor(app).get(USAGE).headers


def test_a_token_that_runs_wild_leaves_something_to_the_others(app: FastAPI, few: Actor) -> None:
    wild, other = few.api(app), with_new_token(app, few)
    assert statuses(wild, 5) == [200, 200, 200, 429, 429]
    refused = wild.get(USAGE)
    problem = refused.json()
    assert (problem["code"], problem["plan"], problem["limit"]) == ("api_limit", "free", 3)
    assert "each API token 3 requests a minute" in problem["detail"]
    assert statuses(other, 1) == [200]


def test_an_organization_has_what_its_plan_allows_and_no_more(app: FastAPI, few: Actor, outsider: Actor) -> None:
    for client in (few.api(app), with_new_token(app, few)):
        assert statuses(client, 3) == [200] * 3
    third = with_new_token(app, few)
    refused = third.get(USAGE)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (429, "api_limit")
    assert refused.headers["content-type"] == "application/problem+json"
    assert (problem["plan"], problem["limit"]) == ("free", 6)
    assert problem["upgrade_url"] == f"{get_settings().base_url}/usage"
    assert 0 < problem["retry_after"] <= 3600
    assert refused.headers["retry-after"] == str(problem["retry_after"])
    assert problem["detail"].startswith(
        "The free plan allows 6 API requests an hour, and all of them are used. Go on in"
    )
    assert few.browser(app).get(USAGE).status_code == 200  # people are not scripts
    assert outsider.api(app).get(USAGE).status_code == 200
    with unit_of_work(system_scope(few.organization_id, "test")) as uow:
        set_plan(uow, "pro")
    assert third.get(USAGE).status_code == 200


def test_while_redis_is_away_the_process_counts_by_itself(
    app: FastAPI, few: Actor, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limit, "_asks_redis_from", 0.0)  # and so it is again for the next test
    client = few.api(app)
    servers.valkey.stop()
    try:
        assert statuses(client, 4) == [200, 200, 200, 429]
    finally:
        servers.valkey.start()


def test_an_operator_token_is_counted(app: FastAPI, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "OPERATOR_REQUESTS", Rate("test of operators", "2 per hour"))
    client = visitor(app)
    client.headers["authorization"] = f"Bearer {create_operator_token(command_line())}"
    assert [client.get("/api/v1/ops/versions").status_code for _ in range(3)] == [200, 200, 429]


Call = Callable[[TestClient, Owned], Response]
CALLS: dict[str, Call] = {
    "UPLOADS": lambda client, _: client.post("/api/v1/documents", files={"file": ("a.txt", f"{new_id()}".encode())}),
    "EXPORTS": lambda client, _: _again(client, client.post("/api/v1/exports", json={"kind": "person"})),
    "SEARCHES": lambda client, _: client.get("/api/v1/search", params={"q": "anything"}),
    "LARGE_DOWNLOADS": lambda client, _: client.get("/api/v1/activity.csv"),
    "INVITES": lambda client, _: client.post("/api/v1/invites", json={"email": factories.new_email("guest")}),
    "SHARES": lambda client, owned: _share(client, owned, {}),
    "MAILED_SHARES": lambda client, owned: _share(client, owned, {"email": factories.new_email("reader")}),
    "BROWSER_REQUESTS": lambda client, _: client.get(USAGE),
}
ELSEWHERE = {
    "FAILED_SIGN_INS_OF_ACCOUNT": "test_sign_in",
    "FAILED_SIGN_INS_FROM_NETWORK": "test_sign_in",
    "FAILED_SIGN_INS": "test_sign_in",
    "SIGN_INS_FROM_NETWORK": "below",
    "WRONG_CONFIRMATIONS": "test_sign_in",
    "CONFIRMATIONS": "below",
    "WRONG_CODES": "test_second_factor",
    "WRONG_CODES_A_DAY": "test_second_factor",
    "LINKS_FROM_NETWORK": "below",
    "RESETS_OF_ADDRESS": "test_reset",
    "RESETS_FROM_NETWORK": "below",
    "RESETS": "test_reset",
    "CONFIRMATION_MAILS": "test_email_address",
    "SHARE_PASSWORDS_FROM_NETWORK": "test_sharing",
    "SHARE_PASSWORDS": "test_sharing",
    "SHARE_VISITS": "below",
    "PROVIDER_FROM_NETWORK": "test_lying_provider",
    "SHARE_PICTURES": "test_share_pages",
    "SHARE_DRAWING_FROM_NETWORK": "test_share_pages",
    "SHARE_DRAWING": "test_share_pages",
    "OPERATOR_REQUESTS": "above",
}


def _share(client: TestClient, owned: Owned, wanted: dict[str, str]) -> Response:
    return client.post(f"/api/v1/documents/{owned.ids['document_id']}/shares", json=wanted)


def _again(client: TestClient, answer: Response) -> Response:
    """So that another one may be asked for."""
    if answer.is_success:
        client.delete(f"/api/v1/exports/{answer.json()['id']}")
    return answer


def test_every_limit_is_met_by_a_test() -> None:
    assert {name for name, value in vars(rates).items() if isinstance(value, Rate)} == CALLS.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("name", CALLS)
def test_what_is_asked_for_too_often_is_refused_in_words(
    app: FastAPI, owner: Actor, owned: Owned, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, name, Rate(f"test of {name}", "2 per hour"))
    client = owner.browser(app)
    answers = [CALLS[name](client, owned) for _ in range(3)]
    assert [answer.status_code < 400 for answer in answers] == [True, True, False], answers[0].text
    problem = answers[2].json()
    assert (answers[2].status_code, problem["code"]) == (429, "too_many_requests")
    assert answers[2].headers["retry-after"] == str(problem["retry_after"])
    assert problem["detail"].startswith("Too many attempts. Try again in ")


def from_address(app: FastAPI, address: str) -> TestClient:
    client = TestClient(app, base_url="http://127.0.0.1:8000", client=(address, 50123), follow_redirects=False)
    client.headers.update({"accept": "application/json", "sec-fetch-site": "same-origin"})
    return client


def forgets(client: TestClient, **headers: str) -> int:
    form = {"email": factories.new_email("nobody")}
    return client.post("/auth/forgot-password", data=form, headers=headers).status_code


@pytest.mark.parametrize("hops", [0, 1])
def test_a_made_up_address_of_origin_is_no_way_around(
    app: FastAPI, servers: Servers, monkeypatch: pytest.MonkeyPatch, hops: int
) -> None:
    """With a proxy in front, what it adds counts, and not what the caller has written before it."""
    settings = get_settings().model_copy(update={"trusted_proxy_hops": hops})
    monkeypatch.setattr(callers, "get_settings", lambda: settings)
    client = from_address(app, f"192.0.2.{10 + hops}")
    real = ", 198.51.100.7" if hops else ""
    found = [forgets(client, **{"x-forwarded-for": f"203.0.113.{number}{real}"}) for number in range(22)]
    assert found == [200] * 20 + [429] * 2


def test_the_addresses_of_one_network_count_together(app: FastAPI, servers: Servers) -> None:
    found = [forgets(from_address(app, f"2001:db8:0:7::{number + 1:x}")) for number in range(22)]
    assert found == [200] * 20 + [429] * 2
    assert forgets(from_address(app, "2001:db8:0:8::1")) == 200


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/auth/setup", {"organization_name": "A", "name": "B", "email": "a@example.org"}),
        ("/auth/set-password", {}),
        ("/auth/reset-password", {}),
        ("/auth/confirm-email", {}),
        ("/auth/accept-invite", {"name": "B"}),
    ],
)
def test_links_that_work_once_are_not_tried_without_end(
    app: FastAPI, servers: Servers, monkeypatch: pytest.MonkeyPatch, path: str, form: dict[str, str]
) -> None:
    monkeypatch.setattr(rates, "LINKS_FROM_NETWORK", Rate(f"test of {path}", "2 per hour"))
    client = from_address(app, "192.0.2.20")
    values = form | {"token": "unknown", "password": factories.PASSWORD}
    assert [client.post(path, data=values).status_code for _ in range(3)] == [404, 404, 429]


def test_right_passwords_are_not_typed_without_end_either(
    app: FastAPI, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each costs a slow hash, and some a mail."""
    monkeypatch.setattr(rates, "SIGN_INS_FROM_NETWORK", Rate("test of sign-ins", "2 per hour", counts_right=True))
    client = from_address(app, "192.0.2.30")
    form = {"email": owner.email, "password": owner.password}
    assert [client.post("/auth/sign-in", data=form).status_code for _ in range(3)] == [200, 200, 429]
    assert from_address(app, "192.0.2.31").post("/auth/sign-in", data=form).status_code == 200
    monkeypatch.setattr(rates, "CONFIRMATIONS", Rate("test of confirmations", "2 per hour", counts_right=True))
    asked = {"password": owner.password}
    found = [owner.browser(app).post("/api/v1/second-factor/set-up", json=asked).status_code for _ in range(3)]
    assert found[2] == 429
    assert 429 not in found[:2]


def test_shares_are_not_visited_without_end(app: FastAPI, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "SHARE_VISITS", Rate("test of visits", "2 per hour"))
    client = from_address(app, "192.0.2.40")
    found = [client.get("/s/unknown") for _ in range(3)]
    assert [answer.status_code for answer in found] == [404, 404, 429]
    assert "Too many attempts. Try again in" in found[2].text
