"""Every route, found by looking: nobody gets in without credentials, and strangers never reach an owner's rows."""

import pytest
from fastapi import FastAPI

from tests.cast import Actor, visitor
from tests.http.routes import PUBLIC, all_routes, private_routes, send
from tests.owned import Owned, Untouched
from tests.servers import Servers

FOR_SESSIONS = ("/auth/", "/api/v1/sessions", "/api/v1/second-factor", "/api/v1/email-address", "/api/v1/identities")
TENANTS_OWN = {
    # Answers with what the caller may do or see in their own organization.
    "GET /api/v1/second-factor",
    "GET /api/v1/email-address",
    "GET /api/v1/identities",
    "POST /api/v1/email-address/confirmation",
    "GET /api/v1/documents",
    "GET /api/v1/sessions",
    "DELETE /api/v1/sessions",
    "POST /api/v1/documents",
    "POST /api/v1/documents/bulk",
    "GET /api/v1/analyses/estimate",
    "POST /api/v1/analyses",
    "GET /api/v1/analyses/progress",
    "GET /api/v1/trash",
    "GET /api/v1/quarantine",
    "POST /api/v1/trash/empty",
    "GET /api/v1/search",
    "GET /api/v1/members",
    "GET /api/v1/invites",
    "POST /api/v1/invites",
    "GET /api/v1/organization",
    "PATCH /api/v1/organization",
    "GET /api/v1/organization/deletion",
    "POST /api/v1/organization/deletion",
    "DELETE /api/v1/organization/deletion",
    "GET /api/v1/account/deletion",
    "POST /api/v1/account/deletion",
    "DELETE /api/v1/account/deletion",
    "GET /api/v1/shares",
    "DELETE /api/v1/shares",
    "GET /api/v1/categories",
    "POST /api/v1/categories",
    "GET /api/v1/usage",
    "GET /api/v1/usage/days",
    "GET /api/v1/usage/people",
    "GET /api/v1/usage/months",
    "GET /api/v1/usage/forecasts",
    "GET /api/v1/usage/room",
    "GET /api/v1/activity",
    "GET /api/v1/activity.csv",
    "GET /api/v1/exports",
    "POST /api/v1/exports",
    "GET /api/v1/tokens",
    "POST /api/v1/tokens",
}


def test_the_list_of_public_routes_names_real_ones(app: FastAPI) -> None:
    assert set(PUBLIC) <= {(route.method, route.path) for route in all_routes(app)}


def test_every_private_route_wants_credentials(
    app: FastAPI, bystanders: Owned, bystanders_untouched: Untouched
) -> None:
    for route in private_routes(app):
        for headers in (
            {},
            {"authorization": "Bearer "},
            {"authorization": "Bearer clasio_nonsense"},
            {"authorization": "Basic b3duZXI6cGFzc3dvcmQ="},
            {"cookie": "clasio_session=nonsense", "sec-fetch-site": "same-origin"},
        ):
            client = visitor(app)
            client.headers.update(headers)
            answer = send(client, app, route, bystanders.ids)
            assert answer.status_code == 401, f"{route} with {headers}: {answer.text}"
            assert answer.json()["code"] == "not_signed_in"
    bystanders_untouched.check("calls without credentials")


@pytest.mark.parametrize("credentials", ["api", "browser"])
@pytest.mark.parametrize("stranger", ["outsider", "other_tenant"])
def test_strangers_never_reach_an_owners_rows(  # noqa: PLR0917
    app: FastAPI,
    bystanders: Owned,
    bystanders_untouched: Untouched,
    stranger: str,
    credentials: str,
    request: pytest.FixtureRequest,
) -> None:
    _call_every_route(app, bystanders, bystanders_untouched, request.getfixturevalue(stranger), credentials)


@pytest.mark.parametrize("credentials", ["api", "browser"])
@pytest.mark.parametrize("stranger", ["outsider", "other_tenant"])
def test_one_guard_alone_keeps_strangers_out(  # noqa: PLR0917
    app: FastAPI,
    one_guard: str,
    bystanders: Owned,
    bystanders_untouched: Untouched,
    stranger: str,
    credentials: str,
    request: pytest.FixtureRequest,
) -> None:
    _call_every_route(app, bystanders, bystanders_untouched, request.getfixturevalue(stranger), credentials)


def _call_every_route(app: FastAPI, owned: Owned, untouched: Untouched, actor: Actor, credentials: str) -> None:
    for route in private_routes(app):
        client = actor.api(app) if credentials == "api" else actor.browser(app)
        answer = send(client, app, route, owned.ids)
        if credentials == "api" and route.path.startswith(FOR_SESSIONS):
            assert answer.status_code == 401, route  # a token is no session
        elif str(route) in {"POST /auth/change-password", "POST /api/v1/email-address"}:
            assert answer.json()["code"] == "wrong_password"  # it is about the stranger's own
        elif route.path.startswith("/api/v1/second-factor/"):
            assert answer.json()["code"] in {"wrong_password", "set_up_over"}, route  # as well
        elif route.has_ids or str(route) not in TENANTS_OWN:
            assert answer.status_code == 404, f"{route}: {answer.status_code} {answer.text}"
        else:
            assert answer.status_code < 400, f"{route}: {answer.status_code} {answer.text}"
        sent = {str(owned.ids["document_id"])} if str(route).endswith("/bulk") else set()  # the answer names each
        assert owned.leaks_into(answer.text) <= sent, route
        untouched.check(f"{route} as {actor.name}")


def test_filters_with_foreign_ids_find_nothing(app: FastAPI, bystanders: Owned, other_tenant: Actor) -> None:
    client = other_tenant.api(app)
    for path in ("/api/v1/documents", "/api/v1/search"):
        answer = client.get(path, params={"uploaded_by": str(bystanders.ids["user_id"]), "q": "secret"})
        assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_a_foreign_organization_cannot_be_switched_to(app: FastAPI, bystanders: Owned, outsider: Actor) -> None:
    answer = outsider.browser(app).post(
        "/auth/switch", data={"organization_id": str(bystanders.ids["organization_id"])}
    )
    assert answer.status_code == 404


def test_signing_out_ends_ones_own_session_only(app: FastAPI, owner: Actor, outsider: Actor) -> None:
    for client in (visitor(app), outsider.api(app), outsider.browser(app)):
        assert client.post("/auth/sign-out").status_code == 303
    assert outsider.browser(app).get("/api/v1/usage").status_code == 401
    assert owner.browser(app).get("/api/v1/usage").status_code == 200


def test_somebody_without_an_organization_signs_out_for_good(app: FastAPI, member: Actor, servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute("UPDATE memberships SET is_active = false WHERE user_id = %s", [member.user_id])
    assert member.browser(app).post("/auth/sign-out").status_code == 303
    assert member.browser(app).get("/api/v1/account/deletion").status_code == 401


def test_a_member_can_work_and_sees_only_their_own_activity(app: FastAPI, owned: Owned, member: Actor) -> None:
    client = member.api(app)
    document = f"/api/v1/documents/{owned.ids['document_id']}"
    assert client.get(document).status_code == 200
    assert client.patch(document, json={"summary": "By a member"}).status_code == 200
    assert {entry["who"] for entry in client.get("/api/v1/activity").json()["items"]} == {member.name}
    assert client.delete(f"/api/v1/tokens/{owned.ids['token_id']}").status_code == 404


def test_unknown_addresses_answer_a_problem_to_everybody(app: FastAPI, owner: Actor) -> None:
    for client in (visitor(app), owner.api(app)):
        for method in ("GET", "POST", "DELETE"):
            answer = client.request(method, "/api/v1/nothing/here", headers={"authorization": "Bearer x"})
            assert answer.status_code == 404
            assert answer.headers["content-type"] == "application/problem+json"
