"""Providers that lie, hang or are away: nobody is signed in, the page says so in our words, and nothing is logged."""

import base64
import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from clasio_backend.cli.doctor import _providers
from clasio_backend.core.config import get_settings
from clasio_backend.core.ids import new_id
from clasio_backend.core.redis import JOBS_DATABASE, shared
from clasio_backend.integrations.oidc import discovery, wire
from clasio_backend.security import rate_limit, rates
from clasio_backend.security.cookies import cookie_name
from tests import factories
from tests.cast import Actor, visitor
from tests.fakes.lying_provider import CLIENT_ID, CLIENT_SECRET, LyingProvider
from tests.naughty import BREAKING
from tests.providers import TELLS, query_of, set_up
from tests.servers import Servers

BACK = "/auth/provider/oidc/callback"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def liar(servers: Servers) -> Iterator[LyingProvider]:
    running = LyingProvider()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _set_up(liar: LyingProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    liar.forget()
    names = {"OIDC_ISSUER": liar.url, "OIDC_CLIENT_ID": CLIENT_ID, "OIDC_CLIENT_SECRET": CLIENT_SECRET}
    with set_up(monkeypatch, **names, SIGN_UP_DOMAINS="elsewhere.example"):
        yield
    shared(JOBS_DATABASE).flushdb()


def lands(app: FastAPI, **changes: str) -> str:
    """Where somebody lands who comes back from this provider; `no_account` means that it was believed."""
    client = visitor(app)
    begun = client.post("/auth/provider/oidc/sign-in", headers=TELLS)
    if begun.status_code != 200:
        return str(begun.json()["code"])
    asked = query_of(begun.json()["go_to"])
    answer = client.get(BACK, params={"state": asked["state"], "code": asked["nonce"]} | changes)
    assert answer.status_code == 303
    location = str(answer.headers["location"])
    assert location.startswith("/sign-in?error=")
    return location.partition("=")[2]


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = [json.dumps(part).encode() for part in (header | {"alg": "none"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def by_secret(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """With what both sides know."""
    return jwt.encode(header | {"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET), algorithms=["HS256"])


def test_the_truth_is_believed(app: FastAPI, liar: LyingProvider) -> None:
    assert lands(app) == "no_account"
    form = liar.asked[0]
    assert (form["grant_type"], form["redirect_uri"]) == ("authorization_code", f"http://127.0.0.1:8000{BACK}")
    assert len(form["code_verifier"]) == 43
    assert form["basic"] == f"{CLIENT_ID}:{CLIENT_SECRET.replace(' ', '+')}"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another client"},
        {"aud": ["another client"]},
        {"aud": None},
        {"aud": [CLIENT_ID, "another client"]},  # and for whom of them is not said
        {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
        {"azp": "another client"},
        {"exp": -HOUR},
        {"exp": None},
        {"exp": "never"},
        {"iat": HOUR},
        {"iat": None},
        {"nbf": HOUR},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "two\nlines"},
        {"sub": ["subject-1"]},
    ],
    ids=str,
)
def test_a_token_that_is_not_meant_for_this_is_not_believed(
    app: FastAPI, liar: LyingProvider, claims: dict[str, Any]
) -> None:
    liar.claims = claims
    assert lands(app) == "provider_not_trusted"


@pytest.mark.parametrize(
    "claims",
    [{"aud": [CLIENT_ID]}, {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}, {"exp": timedelta(seconds=-5)}],
    ids=str,
)
def test_a_token_at_the_edge_is(app: FastAPI, liar: LyingProvider, claims: dict[str, Any]) -> None:
    liar.claims = claims
    assert lands(app) == "no_account"


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": 1},
        {"email_verified": "false"},
        {"email_verified": [True]},
        {"email": "no address"},
        {"email": "two@elsewhere.example, three@elsewhere.example"},
        {"email": "x@elsewhere.example\u0000"},
        {"email": ["x@elsewhere.example"]},
        {"email": f"{'x' * 400}@elsewhere.example"},
    ],
    ids=ascii,
)
def test_an_address_that_is_not_confirmed_or_is_none_counts_for_nothing(
    app: FastAPI, liar: LyingProvider, claims: dict[str, Any]
) -> None:
    liar.claims = claims
    assert lands(app) == "address_not_verified"


@pytest.mark.parametrize(
    ("moment", "lands_at"),
    [
        (-HOUR, "/settings?provider=provider_not_trusted"),
        (HOUR, "/settings?provider=provider_not_trusted"),
        ("yesterday", "/settings?provider=provider_not_trusted"),
        (timedelta(0), "/settings"),
        (None, "/settings"),  # it does not say, and was asked to ask
    ],
    ids=str,
)
def test_asked_again_a_sign_in_of_long_ago_is_not_believed(
    app: FastAPI, liar: LyingProvider, owner: Actor, moment: Any, lands_at: str
) -> None:
    subject = new_id().hex
    factories.new_identity(owner.user_id, issuer=liar.url, subject=subject)
    client = visitor(app)
    client.cookies.set(cookie_name(get_settings()), owner.cookie, domain="127.0.0.1")
    asked = query_of(client.post("/auth/provider/oidc/again", headers=TELLS).json()["go_to"])
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    liar.claims = {"sub": subject, "auth_time": moment}
    answer = client.get(BACK, params={"state": asked["state"], "code": asked["nonce"]})
    assert answer.headers["location"] == lands_at


@pytest.mark.parametrize("forged", [unsigned, by_secret])
def test_a_token_that_others_can_make_is_not_believed(app: FastAPI, liar: LyingProvider, forged: Any) -> None:
    liar.signed = forged
    assert lands(app) == "provider_not_trusted"


def test_a_key_that_is_not_the_providers_signs_nothing(app: FastAPI, liar: LyingProvider) -> None:
    other = RSAKey.generate_key(2048, auto_kid=True)
    for kid in (liar.key.kid, other.kid):
        liar.signed = lambda header, claims, kid=kid: jwt.encode(header | {"kid": kid}, claims, other)
        assert lands(app) == "provider_not_trusted"
    inside = other.as_dict(private=False)
    liar.signed = lambda header, claims: jwt.encode(header | {"jwk": inside, "kid": liar.key.kid}, claims, other)
    assert lands(app) == "provider_not_trusted"


def test_a_new_key_is_looked_for_once(app: FastAPI, liar: LyingProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lands(app) == "no_account"
    assert lands(app) == "no_account"
    assert (liar.counts["/keys"], liar.counts["/.well-known/openid-configuration"]) == (1, 1)
    monkeypatch.setattr(discovery, "PAUSE_SECONDS", 0.0)
    liar.published = [liar.key, RSAKey.generate_key(2048, auto_kid=True)]
    assert lands(app) == "no_account"
    assert liar.counts["/keys"] == 2
    monkeypatch.undo()
    liar.header = {"kid": "never published"}
    assert lands(app) == "provider_not_trusted"
    assert lands(app) == "provider_not_trusted"
    assert liar.counts["/keys"] == 2  # asked a moment ago


def test_what_the_token_leaves_out_is_asked_for(app: FastAPI, liar: LyingProvider) -> None:
    liar.claims = {"email": None, "email_verified": None}
    liar.userinfo = {"sub": "subject-1", "email": "lia@liar.example", "email_verified": True}
    assert lands(app) == "no_account"
    liar.userinfo = liar.userinfo | {"sub": "subject-2"}
    assert lands(app) == "provider_not_trusted"


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://user@evil.example/"},
        {"token_endpoint": "http://10.0.0.1/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": None},
        {"jwks_uri": 7},
        {"jwks_uri": "https://[broken"},
        {"userinfo_endpoint": "ftp://127.0.0.1/"},
    ],
    ids=str,
)
def test_a_description_that_leads_elsewhere_is_not_followed(
    app: FastAPI, liar: LyingProvider, described: dict[str, Any]
) -> None:
    liar.discovery = described
    assert lands(app) == "provider_not_trusted"


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
@pytest.mark.parametrize(
    "answer",
    [b"", b"no json", b"[]", b"[" * 100_000, b'"' + b"x" * 600_000 + b'"', b"\xff\xfe", 302, 404],
    ids=["empty", "no json", "a list", "deep", "huge", "no text", "elsewhere", "missing"],
)
def test_an_answer_that_is_none(app: FastAPI, liar: LyingProvider, path: str, answer: bytes | int) -> None:
    liar.answers[path] = answer
    assert lands(app) == "provider_not_trusted"
    assert liar.counts.get("/elsewhere", 0) == 0


@pytest.mark.parametrize("keys", [b'{"keys": 7}', b'{"keys": []}', b'{"keys": [7]}', b'{"keys": [{"kty": "RSA"}]}'])
def test_keys_that_are_none(app: FastAPI, liar: LyingProvider, keys: bytes) -> None:
    liar.answers["/keys"] = keys
    assert lands(app) == "provider_not_trusted"


def test_one_that_is_away_is_told_and_not_asked_at_once_again(app: FastAPI, liar: LyingProvider) -> None:
    path = "/.well-known/openid-configuration"
    liar.answers[path] = 503
    for _ in range(3):
        assert lands(app) == "provider_away"
    assert liar.counts[path] == 1
    liar.forget()
    discovery.forget()
    assert lands(app) == "no_account"


@pytest.mark.parametrize("was_there", [False, True])
def test_one_that_hangs_is_given_up(
    app: FastAPI, liar: LyingProvider, was_there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "SECONDS", 0.2)
    if was_there:
        assert lands(app) == "no_account"
    with liar.hanging():
        assert lands(app) == "provider_away"


def test_however_many_come_while_it_hangs_few_are_kept_waiting(
    app: FastAPI, liar: LyingProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "SECONDS", 1.0)
    monkeypatch.setattr(discovery, "WAITING_SECONDS", 0.05)
    with liar.hanging(), ThreadPoolExecutor(12) as pool:
        assert set(pool.map(lambda _: lands(app), range(24))) == {"provider_away"}
    assert liar.counts["/.well-known/openid-configuration"] == 1


@pytest.mark.parametrize("name", ["state", "code", "iss", "error"])
def test_whatever_stands_in_the_address_ends_on_a_page(app: FastAPI, name: str) -> None:
    for text in BREAKING:
        client = visitor(app)
        asked = query_of(client.post("/auth/provider/oidc/sign-in", headers=TELLS).json()["go_to"])
        query = {"state": asked["state"], "code": asked["nonce"]} | {name: text}
        answer = client.get(f"{BACK}?{urlencode(query, errors='surrogatepass')}")
        assert answer.status_code == 303, ascii(text[:80])
        assert answer.headers["location"].startswith("/sign-in?error="), ascii(text[:80])
        shared(JOBS_DATABASE).flushdb()


def test_ways_to_a_provider_and_back_are_throttled(app: FastAPI) -> None:
    for _ in range(100):
        rate_limit.take(rates.provider("testclient"))
    client = visitor(app)
    assert client.post("/auth/provider/oidc/sign-in", headers=TELLS).status_code == 429
    assert client.get(BACK).headers["location"] == "/sign-in?error=too_many_requests"


def test_the_doctor_names_what_is_wrong(liar: LyingProvider) -> None:
    assert (_providers().is_well, _providers().says) == (True, "By password, single sign-on.")
    liar.discovery = {"issuer": f"{liar.url}/"}
    discovery.forget()
    found = _providers()
    assert not found.is_well
    assert "discovery_other_issuer" in found.says


def test_one_that_drips_is_given_up(app: FastAPI, liar: LyingProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SECONDS_IN_ALL", 0.2)

    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(20):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.02)

    liar.answers["/.well-known/openid-configuration"] = drip
    assert lands(app) == "provider_away"


def test_the_log_says_why_and_nothing_that_was_secret(
    app: FastAPI, liar: LyingProvider, caplog: pytest.LogCaptureFixture
) -> None:
    liar.claims = {"nonce": "another"}
    with caplog.at_level(logging.INFO):
        assert lands(app) == "provider_not_trusted"
    said = [vars(record) for record in caplog.records if record.getMessage() == "provider_sign_in_failed"]
    assert [(each["provider"], each["code"], each["cause"]) for each in said] == [
        ("oidc", "provider_not_trusted", "token_invalid_claim")
    ]
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]  # the test's own client
    whole = " ".join(str(vars(record)) for record in ours)
    for secret in (CLIENT_SECRET, liar.asked[0]["code"], liar.asked[0]["code_verifier"], "lia@liar.example"):
        assert secret not in whole
