"""The Ops API: open to operators and their tokens, not there for anybody else."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from clasio_backend.ops.access import command_line
from clasio_backend.ops.tokens import create_operator_token, list_operator_tokens
from jobs.schedules import register_all
from tests.cast import Actor, visitor
from tests.http.routes import NAMED, Route, private_routes, send
from tests.operating import CAUSE, dead_job, events_of
from tests.owned import Owned, Untouched
from tests.servers import Servers
from tests.worker import Worker

OPS = "/api/v1/ops"


@pytest.fixture
def script(app: FastAPI) -> TestClient:
    """Calls with an operator token."""
    client = visitor(app)
    client.headers["authorization"] = f"Bearer {create_operator_token(command_line())}"
    return client


@pytest.fixture(autouse=True)
def _as_it_was(servers: Servers, worker: Worker) -> Iterator[None]:
    register_all()
    yield
    with servers.as_owner() as connection:
        connection.execute("DELETE FROM paused_queues")
        connection.execute("UPDATE schedules SET is_paused = false")


def ops_routes(app: FastAPI) -> list[Route]:
    return [route for route in private_routes(app) if route.path.startswith(OPS)]


@pytest.mark.parametrize("person", ["owner", "member"])
@pytest.mark.parametrize("credentials", ["api", "browser"])
def test_people_of_the_organization_find_nothing(
    app: FastAPI, owned: Owned, person: str, credentials: str, request: pytest.FixtureRequest
) -> None:
    actor: Actor = request.getfixturevalue(person)
    client = actor.api(app) if credentials == "api" else actor.browser(app)
    routes = ops_routes(app)
    assert len(routes) >= 15
    for route in routes:
        answer = send(client, app, route, owned.ids)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), route


def test_an_organizations_token_of_an_operator_is_no_operator_token(app: FastAPI, operator: Actor) -> None:
    assert operator.api(app).get(OPS).status_code == 404
    assert operator.browser(app).get(OPS).status_code == 200


def test_an_operator_token_opens_no_organization(
    app: FastAPI, script: TestClient, owned: Owned, untouched: Untouched
) -> None:
    for route in private_routes(app):
        if not route.path.startswith(OPS):
            assert send(script, app, route, owned.ids).status_code == 401, route
    untouched.check("an operator token")


@pytest.mark.parametrize("credentials", ["token", "session"])
def test_every_route_answers_operators(  # noqa: PLR0917
    app: FastAPI, script: TestClient, operator: Actor, owned: Owned, servers: Servers, credentials: str
) -> None:
    client = script if credentials == "token" else operator.browser(app)
    for route in ops_routes(app):
        answer = send(client, app, route, owned.ids)
        if "{job_id}" in route.path or "{token_id}" in route.path:
            assert answer.status_code == 404, route  # a job that is not dead, a token of an organization
        else:
            assert answer.status_code in {200, 204, 409}, f"{route}: {answer.text}"
        leaks = owned.leaks_into(answer.text) - {str(owned.ids["organization_id"]), str(owned.ids["job_id"])}
        assert leaks == set(), route


def test_a_dead_job_is_read_and_retried_by_a_script(
    script: TestClient, owner: Actor, servers: Servers, worker: Worker
) -> None:
    job_id, _ = dead_job(owner, servers)
    items = script.get(f"{OPS}/dead-jobs", params={"kind": "documents.read"}).json()["items"]
    (row,) = [row for row in items if row["id"] == str(job_id)]
    assert row["cause"] == CAUSE
    assert script.post(f"{OPS}/dead-jobs/{job_id}/retry").status_code == 204
    assert script.post(f"{OPS}/dead-jobs/{job_id}/retry").json()["code"] == "job_not_found"
    worker.run_all()
    assert worker.job(job_id)["state"] == "succeeded"


def test_who_did_it_is_written_down(app: FastAPI, script: TestClient, operator: Actor, servers: Servers) -> None:
    pausing, resuming = (f"{OPS}/queues/{NAMED['queue']}/{verb}" for verb in ("pause", "resume"))
    assert operator.browser(app).post(pausing).status_code == 204
    assert script.post(resuming).status_code == 204
    assert events_of(operator, servers) == [("operator_paused_queue", {"queue": "read"})]
    (latest, *_) = script.get(f"{OPS}/security-events").json()["items"]
    assert (latest["who"], latest["sentence"]) == ("An operator token", "resumed a queue")
    assert latest["details"]["queue"] == "read"


def test_another_site_cannot_use_an_operators_session(app: FastAPI, operator: Actor) -> None:
    client = operator.browser(app)
    client.headers["sec-fetch-site"] = "cross-site"
    assert client.post(f"{OPS}/queues/read/pause").status_code == 403
    assert operator.browser(app).get(OPS).json()["queues"][0]["paused_at"] is None


def test_a_queue_or_schedule_that_is_not_there(script: TestClient) -> None:
    assert script.post(f"{OPS}/queues/nothing/pause").status_code == 422
    assert script.post(f"{OPS}/schedules/nothing/run").status_code == 404


def test_a_script_revokes_its_own_token(script: TestClient) -> None:
    hint = script.headers["authorization"][-6:]
    (token_id,) = [row.id for row in list_operator_tokens(command_line()) if row.hint == hint]
    assert script.delete(f"{OPS}/tokens/{token_id}").status_code == 204
    assert script.get(OPS).status_code == 401
