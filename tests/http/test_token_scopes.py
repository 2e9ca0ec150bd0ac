"""Every route, found by looking, called with tokens that may do less than the owner whose they are."""

from uuid import UUID

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from clasio_backend.core.scope import TokenScope
from tests import factories
from tests.cast import Actor, visitor
from tests.http.routes import Route, private_routes, send
from tests.http.test_access import FOR_SESSIONS
from tests.owned import Owned, Untouched
from tests.servers import Servers

READING = {
    "/api/v1/documents",
    "/api/v1/documents.zip",
    "/api/v1/documents/{document_id}",
    "/api/v1/documents/{document_id}/state",
    "/api/v1/documents/{document_id}/text",
    "/api/v1/documents/{document_id}/content",
    "/api/v1/documents/{document_id}/activity",
    "/api/v1/search",
    "/api/v1/categories",
    "/api/v1/members",
    "/api/v1/organization",
    "/api/v1/organization/deletion",
    "/api/v1/jobs/{job_id}",
    "/api/v1/activity",
    "/api/v1/activity.csv",
    "/api/v1/usage",
    "/api/v1/usage/days",
    "/api/v1/usage/people",
    "/api/v1/usage/months",
    "/api/v1/usage/forecasts",
}
OF_TEXT_FILES = "/api/v1/documents/{document_id}/pages"  # the owner's document has no pages, so these answer 404
ADDING = {"POST /api/v1/documents", "GET /api/v1/usage/room", "GET /api/v1/documents/{document_id}/state"}


def calling(app: FastAPI, actor: Actor, made_for: TokenScope) -> TestClient:
    client = visitor(app)
    client.headers["authorization"] = f"Bearer {factories.new_token(actor.scope, made_for)}"
    client.get("/api/v1/usage")  # notes that the token was used, once a minute
    return client


def is_refused(route: Route, status: int, code: str) -> bool:
    if route.path.startswith((*FOR_SESSIONS, "/auth/")):
        return status == 401  # a token is no session, whatever it is made for
    if "/ops" in route.path:
        return (status, code) == (404, "not_found")
    return (status, code) == (403, "token_scope")


def test_a_token_to_read_changes_nothing_and_reads_what_its_member_reads(
    app: FastAPI, owner: Actor, owned: Owned, servers: Servers
) -> None:
    client = calling(app, owner, TokenScope.READ)
    untouched = Untouched(servers, owner.organization_id)
    read = set()
    for route in private_routes(app):
        answer = send(client, app, route, owned.ids)
        if route.method == "GET" and route.path in READING:
            assert answer.status_code == 200, f"{route}: {answer.text}"
            read.add(route.path)
            untouched = Untouched(servers, owner.organization_id)  # a download is written down
        elif not (route.method == "GET" and route.path.startswith(OF_TEXT_FILES)):
            code = answer.json()["code"]
            assert is_refused(route, answer.status_code, code), f"{route}: {answer.status_code} {answer.text}"
            untouched.check(str(route))
    assert read == READING


def test_a_token_to_add_adds_and_sees_how_far_that_is_and_nothing_else(
    app: FastAPI, owner: Actor, owned: Owned, servers: Servers
) -> None:
    client = calling(app, owner, TokenScope.ADD)
    own = UUID(client.post("/api/v1/documents", files={"file": ("own.txt", b"added by it")}).json()["id"])
    untouched = Untouched(servers, owner.organization_id)
    added = set()
    for route in private_routes(app):
        of_its_own = str(route) in ADDING
        answer = send(client, app, route, owned.ids | ({"document_id": own} if of_its_own else {}))
        if of_its_own:
            assert answer.status_code < 300, f"{route}: {answer.text}"
            added.add(str(route))
            untouched = Untouched(servers, owner.organization_id)
        else:
            code = answer.json()["code"]
            assert is_refused(route, answer.status_code, code), f"{route}: {answer.status_code} {answer.text}"
            untouched.check(str(route))
    assert added == ADDING


def test_a_token_to_add_sees_the_state_of_what_it_added_itself_alone(
    app: FastAPI, owner: Actor, member: Actor, owned: Owned
) -> None:
    client = calling(app, member, TokenScope.ADD)
    uploaded = client.post("/api/v1/documents", files={"file": ("mine.txt", b"mine")}).json()["id"]
    state = client.get(f"/api/v1/documents/{uploaded}/state").json()
    assert (state["id"], state["stage"], state["outcome"]) == (uploaded, "received", "pending")
    by_hand = factories.upload(member.scope).id
    by_another = calling(app, member, TokenScope.ADD).post("/api/v1/documents", files={"file": ("b.txt", b"other")})
    for document_id in (owned.ids["document_id"], by_hand, by_another.json()["id"]):
        others = client.get(f"/api/v1/documents/{document_id}/state")
        assert (others.status_code, others.json()["code"]) == (404, "document_not_found")
    everything = calling(app, member, TokenScope.EVERYTHING)
    assert everything.get(f"/api/v1/documents/{by_hand}/state").status_code == 200


def test_what_the_role_may_not_is_not_found_whatever_the_token(app: FastAPI, member: Actor, owned: Owned) -> None:
    client = calling(app, member, TokenScope.READ)
    assert client.get("/api/v1/invites").status_code == 404
    assert client.delete("/api/v1/documents/" + str(owned.ids["document_id"])).json()["code"] == "token_scope"


@pytest.mark.parametrize("made_for", [TokenScope.READ, TokenScope.ADD])
def test_a_narrow_token_neither_leaves_nor_deletes_its_member(
    app: FastAPI, member: Actor, made_for: TokenScope
) -> None:
    client = calling(app, member, made_for)
    for answer in (
        client.delete(f"/api/v1/members/{member.user_id}"),
        client.post("/api/v1/account/deletion", json={"documents": "go", "password": member.password}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "token_scope")


def test_a_token_is_made_and_listed_with_scope_and_end(app: FastAPI, owner: Actor) -> None:
    client = owner.api(app)
    wanted = {"name": "Nightly", "scope": "read", "expires_in_days": 30}
    made = client.post("/api/v1/tokens", json=wanted)
    assert (made.status_code, made.json()["scope"]) == (201, "read")
    row = next(row for row in client.get("/api/v1/tokens").json() if row["id"] == made.json()["id"])
    assert (row["scope"], row["last_used_at"], row["is_expired"]) == ("read", None, False)
    assert row["expires_at"] == made.json()["expires_at"]
    for wrong in ({"scope": "write"}, {"expires_in_days": 0}, {"expires_in_days": 3651}):
        assert client.post("/api/v1/tokens", json=wanted | wrong).status_code == 422


def test_a_token_made_without_a_choice_may_do_everything_and_has_no_end(app: FastAPI, owner: Actor) -> None:
    made = owner.api(app).post("/api/v1/tokens", json={"name": "As before"}).json()
    assert (made["scope"], made["expires_at"]) == ("everything", None)


def test_an_expired_token_answers_401(app: FastAPI, owner: Actor, servers: Servers) -> None:
    client = calling(app, owner, TokenScope.READ)
    assert client.get("/api/v1/documents").status_code == 200
    with servers.as_owner() as connection:
        connection.execute("UPDATE api_tokens SET expires_at = now() WHERE user_id = %s", [owner.user_id])
    answer = client.get("/api/v1/documents")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
