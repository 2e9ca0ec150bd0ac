"""Sign-in through a provider that is real, over loopback: each test goes its pages as a browser does."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from clasio_backend.accounts import identities
from clasio_backend.core.config import get_settings
from clasio_backend.core.ids import new_id
from clasio_backend.core.redis import JOBS_DATABASE, shared
from clasio_backend.core.scope import UserScope, new_request_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.organizations.invites import invite
from clasio_backend.organizations.schemas import NewInvite
from clasio_backend.security.cookies import ATTEMPT_NAME, cookie_name
from tests import factories
from tests.cast import Actor, visitor
from tests.factors import turn_on
from tests.providers import TELLS, Person, RealProvider, query_of, set_up, settings_of
from tests.servers import Servers


@pytest.fixture(scope="module")
def provider(servers: Servers) -> Iterator[RealProvider]:
    factories.new_person()  # the first of an instance comes by the set-up link
    running = RealProvider()
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _set_up(provider: RealProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with set_up(monkeypatch, **settings_of(provider)):
        yield
    shared(JOBS_DATABASE).flushdb()  # attempts that were counted here are no other test's


@pytest.fixture
def nina(app: FastAPI, provider: RealProvider) -> Person:
    """Whom the provider knows, with a confirmed address, and Clasio does not."""
    return somebody(app, provider)


def somebody(app: FastAPI, provider: RealProvider, email: str | None = None, **said: bool | str) -> Person:
    username = f"nina-{new_id().hex[-12:]}"
    provider.knows(username, email or f"{username}@newcomers.example", **said)  # type: ignore[arg-type]
    return Person(app, provider, username)


def at_browser_of(actor: Actor, person: Person) -> Person:
    """The same person, where `actor` is signed in."""
    person.here.cookies.set(cookie_name(get_settings()), actor.cookie, domain="127.0.0.1")
    return person


def subjects_to(email: str) -> list[str]:
    return [mail.subject for mail in list_kept_mails() if mail.to_address == email]


def connected(actor: Actor) -> list[str | None]:
    ways = identities.read_ways_in(UserScope(actor.user_id, new_request_id()))
    return [identity.email for identity in ways.identities]


def invite_of(actor: Actor, email: str) -> str:
    with unit_of_work(actor.scope) as uow:
        return invite(uow, NewInvite(email=email)).link.rpartition("=")[2]


@pytest.mark.parametrize("slug", ["oidc", "google"])
def test_somebody_new_gets_an_account_an_organization_and_comes_in_again(nina: Person, slug: str) -> None:
    assert nina.goes_through(slug=slug) == "/"
    organization = nina.here.get("/api/v1/organization").json()
    assert organization["name"] == "Nina Newcomer's organization"
    members = nina.here.get("/api/v1/members").json()
    assert [(each["name"], each["role"]) for each in members] == [("Nina Newcomer", "owner")]
    ways = nina.here.get("/api/v1/identities").json()
    assert (ways["has_password"], len(ways["identities"])) == (False, 1)
    assert nina.here.get("/api/v1/email-address").json()["confirmed_at"]
    assert [each["provider"] for each in nina.here.get("/api/v1/sessions").json()] == [
        {"oidc": "Example", "google": "Google"}[slug]
    ]
    nina.here.post("/auth/sign-out", headers=TELLS)
    assert not nina.is_signed_in
    assert nina.goes_through(slug=slug) == "/"
    assert nina.here.get("/api/v1/organization").json()["id"] == organization["id"]


def test_the_way_there_asks_for_little_and_holds_no_secret(nina: Person) -> None:
    address = nina.sets_out()
    asked = query_of(address)
    assert asked["scope"] == "openid email profile"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len(asked["code_challenge"]) == 43
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert asked["redirect_uri"] == f"{get_settings().base_url}/auth/provider/oidc/callback"
    cookie = next(name for name in nina.here.cookies if name.startswith(ATTEMPT_NAME))
    assert asked["state"] not in str(nina.here.cookies[cookie])
    header = nina.here.post("/auth/provider/oidc/sign-in", headers=TELLS).headers["set-cookie"].lower()
    assert all(word in header for word in ("httponly", "samesite=lax", "path=/", "max-age=600"))


def test_the_host_that_a_caller_names_is_no_part_of_the_way_back(nina: Person) -> None:
    headers = TELLS | {"host": "evil.example", "x-forwarded-host": "evil.example"}
    answer = nina.here.post("/auth/provider/oidc/sign-in", headers=headers)
    assert query_of(answer.json()["go_to"])["redirect_uri"].startswith(get_settings().base_url)


def test_an_answer_works_in_the_browser_that_asked_and_once(app: FastAPI, nina: Person) -> None:
    back = nina.signs_in_there(nina.sets_out())
    elsewhere = Person(app, nina.provider, nina.username)
    assert elsewhere.comes_back(back).headers["location"] == "/sign-in?error=sign_in_over"
    elsewhere.sets_out()  # with a way of its own under way as well
    assert elsewhere.comes_back(back).headers["location"] == "/sign-in?error=sign_in_over"
    assert not elsewhere.is_signed_in
    jar = dict(nina.here.cookies)
    assert nina.comes_back(back).headers["location"] == "/"
    assert nina.comes_back(back).headers["location"] == "/"  # the browser's own button: they are signed in
    thief = visitor(app)
    thief.cookies.update({name: value for name, value in jar.items() if name.startswith(ATTEMPT_NAME)})
    assert Person(app, nina.provider, "", thief).comes_back(back).headers["location"] == "/sign-in?error=sign_in_over"


def test_a_state_that_somebody_made_up_opens_nothing(app: FastAPI, nina: Person) -> None:
    back = nina.signs_in_there(nina.sets_out())
    state = query_of(back)["state"]
    for other in ("", "x" * 43, state[:12] + "y" * 31, state + "=", state[:-1]):
        changed = back.replace(state, other)
        assert nina.comes_back(changed).headers["location"] == "/sign-in?error=sign_in_over", other
    assert nina.comes_back(back).headers["location"] == "/"


def test_two_tabs_are_not_in_each_others_way(nina: Person) -> None:
    first, second = nina.sets_out(), nina.sets_out()
    assert nina.comes_back(nina.signs_in_there(second)).headers["location"] == "/"
    assert nina.comes_back(nina.signs_in_there(first)).headers["location"] == "/"
    assert len(nina.here.get("/api/v1/sessions").json()) == 1  # what the browser had before has ended


def test_who_never_comes_back_collects_no_cookies(nina: Person) -> None:
    for _ in range(12):
        nina.sets_out()
    assert len([name for name in nina.here.cookies if name.startswith(ATTEMPT_NAME)]) <= 6


def test_what_one_provider_answers_is_no_answer_of_the_other(nina: Person) -> None:
    back = nina.signs_in_there(nina.sets_out())
    mixed_up = back.replace("/oidc/", "/google/")
    assert nina.comes_back(mixed_up).headers["location"] == "/sign-in?error=sign_in_over"
    issuer = query_of(back)["iss"]
    assert issuer == nina.provider.issuer
    changed = back.replace("iss=http%3A%2F%2F127.0.0.1", "iss=http%3A%2F%2Flocalhost")
    assert changed != back
    assert nina.comes_back(changed).headers["location"] == "/sign-in?error=provider_not_trusted"
    without = f"{urlsplit(back).path}?" + "&".join(
        part for part in urlsplit(nina.signs_in_there(nina.sets_out())).query.split("&") if not part.startswith("iss=")
    )
    assert nina.comes_back(without).headers["location"] == "/sign-in?error=provider_not_trusted"


def test_a_refusal_is_told_in_our_own_words(nina: Person) -> None:
    state = query_of(nina.sets_out())["state"]
    issuer = f"iss={nina.provider.issuer}"
    said = f"/auth/provider/oidc/callback?state={state}&error=access_denied&error_description=<b>Pay+here</b>&{issuer}"
    assert nina.comes_back(said).headers["location"] == "/sign-in?error=sign_in_declined"


def test_without_an_invite_only_domains_that_may_sign_up_do(app: FastAPI, provider: RealProvider) -> None:
    for email in ("a@elsewhere.example", "b@newcomers.example.evil.example", "c@sub.newcomers.example"):
        stranger = somebody(app, provider, email.replace("@", f"-{new_id().hex[-8:]}@"))
        assert stranger.goes_through() == "/sign-in?error=no_account"
        assert not stranger.is_signed_in
    assert somebody(app, provider, f"d-{new_id().hex[-8:]}@NEWCOMERS.example").goes_through() == "/"


def test_an_address_that_is_not_confirmed_makes_no_account(app: FastAPI, provider: RealProvider) -> None:
    assert somebody(app, provider, verified=False).goes_through() == "/sign-in?error=address_not_verified"
    assert somebody(app, provider, "not an address").goes_through() == "/sign-in?error=address_not_verified"


def test_an_account_that_is_there_is_connected_by_its_password_alone(
    app: FastAPI, provider: RealProvider, owner: Actor
) -> None:
    person = somebody(app, provider, owner.email.upper())
    assert person.goes_through() == "/sign-in?error=account_exists"
    assert not person.is_signed_in
    assert connected(owner) == []
    wrong = person.here.post("/auth/sign-in", data={"email": owner.email, "password": "wrong"}, headers=TELLS)
    assert (wrong.status_code, connected(owner)) == (401, [])
    person.here.post("/auth/sign-in", data={"email": owner.email, "password": owner.password}, headers=TELLS)
    assert [str(email).lower() for email in connected(owner)] == [owner.email]
    assert subjects_to(owner.email)[0] == "Another way to sign in to Clasio"
    again = Person(app, provider, person.username)
    assert again.goes_through() == "/"
    assert again.here.get("/api/v1/organization").json()["id"] == str(owner.organization_id)


def test_what_waits_is_connected_with_no_other_account(
    app: FastAPI, provider: RealProvider, owner: Actor, member: Actor
) -> None:
    person = somebody(app, provider, owner.email)
    assert person.goes_through() == "/sign-in?error=account_exists"
    person.here.post("/auth/sign-in", data={"email": member.email, "password": member.password}, headers=TELLS)
    assert (connected(owner), connected(member)) == ([], [])
    person.here.post("/auth/sign-in", data={"email": owner.email, "password": owner.password}, headers=TELLS)
    assert connected(owner) == []  # it waited for one sign-in


def test_the_second_factor_is_asked_for_as_ever(
    app: FastAPI, provider: RealProvider, owner: Actor, servers: Servers
) -> None:
    factor = turn_on(owner, servers)
    person = somebody(app, provider, owner.email)
    assert person.goes_through() == "/sign-in?error=account_exists"
    step = person.here.post("/auth/sign-in", data={"email": owner.email, "password": owner.password}, headers=TELLS)
    assert (step.json()["go_to"], connected(owner)) == ("/sign-in/code", [])
    person.here.post("/auth/sign-in/code", data={"code": factor.new_code()}, headers=TELLS)
    assert len(connected(owner)) == 1
    again = Person(app, provider, person.username)
    assert again.goes_through() == "/sign-in/code"
    assert not again.is_signed_in
    again.here.post("/auth/sign-in/code", data={"code": factor.new_code()}, headers=TELLS)
    assert again.is_signed_in
    assert {each["provider"] for each in again.here.get("/api/v1/sessions").json()} >= {"Example"}


def test_an_invite_makes_an_account_of_the_invited_address(app: FastAPI, provider: RealProvider, owner: Actor) -> None:
    email = f"ida.{new_id().hex[-8:]}@elsewhere.example"  # whose domain may not sign up
    token = invite_of(owner, email)
    other = somebody(app, provider, f"x{email}")
    assert other.goes_through(token=token) == f"/invite?token={token}&error=invite_for_somebody_else"
    invited = somebody(app, provider, email)
    assert invited.goes_through(token=token) == "/"
    assert invited.here.get("/api/v1/organization").json()["id"] == str(owner.organization_id)
    assert somebody(app, provider, f"y{email}").goes_through(token=token).endswith("error=link_not_found")


def test_an_invite_is_taken_with_the_account_that_is_connected(
    app: FastAPI, nina: Person, owner: Actor, other_tenant: Actor
) -> None:
    assert nina.goes_through() == "/"
    email = f"{nina.username}@newcomers.example"
    assert Person(app, nina.provider, nina.username).goes_through(token=invite_of(owner, email)) == "/"
    wrong = invite_of(other_tenant, f"x{email}")
    assert nina.goes_through(token=wrong).endswith("error=invite_for_somebody_else")
    nina.here.post("/auth/switch", data={"organization_id": str(owner.organization_id)}, headers=TELLS)
    assert nina.here.get("/api/v1/organization").json()["id"] == str(owner.organization_id)


def test_connecting_wants_the_password_and_stays_in_one_browser(
    app: FastAPI, provider: RealProvider, owner: Actor, outsider: Actor
) -> None:
    person = at_browser_of(owner, somebody(app, provider, owner.email))
    refused = person.here.post("/auth/provider/oidc/connect", data={"password": "wrong"}, headers=TELLS)
    assert (refused.status_code, refused.json()["code"]) == (422, "wrong_password")
    back = person.signs_in_there(person.sets_out("connect", password=owner.password))
    person.here.cookies.delete(cookie_name(get_settings()), domain="127.0.0.1")
    at_browser_of(outsider, person)  # somebody else has signed in meanwhile
    assert person.comes_back(back).headers["location"] == "/settings?provider=sign_in_over"
    assert (connected(owner), connected(outsider)) == ([], [])
    person.here.cookies.delete(cookie_name(get_settings()), domain="127.0.0.1")
    at_browser_of(owner, person)
    assert person.goes_through("connect", password=owner.password) == "/settings?provider=connected"
    assert connected(owner) == [owner.email]


def test_what_is_connected_elsewhere_cannot_be_connected_again(
    app: FastAPI, nina: Person, owner: Actor, servers: Servers
) -> None:
    assert nina.goes_through() == "/"
    with servers.as_owner() as connection:
        connection.execute("UPDATE users SET email_verified_at = now() WHERE id = %s", [owner.user_id])
    here = at_browser_of(owner, Person(app, nina.provider, nina.username))
    assert here.goes_through("connect", password=owner.password) == "/settings?provider=identity_taken"


def test_without_a_password_a_fresh_sign_in_stands_for_it(nina: Person, servers: Servers) -> None:
    assert nina.goes_through() == "/"
    client = nina.here
    client.headers["sec-fetch-site"] = "same-origin"
    assert client.post("/api/v1/second-factor/set-up", json={"password": ""}).status_code == 201
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE sessions SET created_at = created_at - interval '11 minutes' WHERE user_id ="
            " (SELECT id FROM users WHERE email = %s)",
            [f"{nina.username}@newcomers.example"],
        )
    late = client.post("/api/v1/second-factor/set-up", json={"password": ""})
    assert (late.status_code, late.json()["code"]) == (422, "no_password")
    former = nina.session
    address = nina.sets_out("again")
    assert (query_of(address)["prompt"], query_of(address)["max_age"]) == ("login", "0")
    assert nina.comes_back(nina.signs_in_there(address)).headers["location"] == "/settings"
    assert nina.session != former
    assert client.post("/api/v1/second-factor/set-up", json={"password": ""}).status_code == 201
    chosen = client.post("/auth/change-password", data={"password": "umbrella quartz 47 meadow"}, headers=TELLS)
    assert chosen.status_code == 200
    assert client.get("/api/v1/identities").json()["has_password"] is True


def test_asked_again_somebody_else_is_not_let_in(app: FastAPI, provider: RealProvider, nina: Person) -> None:
    assert nina.goes_through() == "/"
    before = nina.session
    colleague = somebody(app, provider)
    assert colleague.goes_through() == "/"
    posing = Person(app, provider, colleague.username, nina.here)
    assert posing.goes_through("again") == "/settings?provider=other_identity"
    assert nina.session == before


def test_a_provider_that_is_not_set_up_is_not_there(app: FastAPI, owner: Actor) -> None:
    client: TestClient = owner.browser(app)
    for what in ("sign-in", "again", "connect"):
        answer = client.post(f"/auth/provider/other/{what}", headers={"accept": "application/json"})
        assert answer.status_code == 404
    assert visitor(app).get("/auth/provider/other/callback").headers["location"] == "/sign-in?error=not_found"
