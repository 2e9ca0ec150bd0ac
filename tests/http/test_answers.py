"""The shape of answers: problems, ids of requests, downloads, foreign origins, readiness."""

import logging
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

import pytest
from fastapi import FastAPI, Request

from clasio_backend.core.config import get_settings
from clasio_backend.core.db import dispose_engine
from clasio_backend.http import callers
from clasio_backend.integrations.storage import BlobStore
from tests import factories
from tests.cast import Actor, visitor
from tests.owned import Owned
from tests.servers import Servers

PROBLEM = {"type", "title", "status", "code", "detail", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", f"/api/v1/documents/{UUID(int=7)}", None, 404, "document_not_found"),
        ("GET", f"/api/v1/jobs/{UUID(int=7)}", None, 404, "not_found"),
        ("GET", "/api/v1/documents/not-an-id", None, 422, "validation_failed"),
        ("GET", "/api/v1/documents?limit=0", None, 422, "validation_failed"),
        ("GET", "/api/v1/documents?cursor=x", None, 422, "bad_cursor"),
        ("GET", "/api/v1/search?limit=101", None, 422, "validation_failed"),
        ("POST", "/api/v1/tokens", {"name": ""}, 422, "validation_failed"),
        ("POST", "/api/v1/tokens", {}, 422, "validation_failed"),
        ("GET", "/api/v1/nothing", None, 404, "not_found"),
        ("PUT", "/api/v1/usage", {}, 404, "not_found"),
    ],
)
def test_every_refusal_is_a_problem_document(  # noqa: PLR0917
    app: FastAPI, owner: Actor, method: str, path: str, body: object, status: int, code: str
) -> None:
    answer = owner.api(app).request(method, path, json=body)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) >= PROBLEM
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["detail"].endswith(".")


def test_fields_say_what_is_wrong_with_them(app: FastAPI, owner: Actor, owned: Owned) -> None:
    url = f"/api/v1/documents/{owned.ids['document_id']}"
    problem = owner.api(app).patch(url, json={"due_on": "yesterday", "unknown": 1}).json()
    assert set(problem["fields"]) == {"due_on", "unknown"}
    assert "yesterday" not in str(problem)  # what was sent is not sent back


def test_each_request_has_an_id_of_its_own(app: FastAPI) -> None:
    client = visitor(app)
    ids = {client.get("/healthz", headers={"x-request-id": "forged"}).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3
    assert "forged" not in ids


def test_the_log_names_the_route_and_no_person(
    app: FastAPI, owner: Actor, owned: Owned, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "clasio.http"):
        owner.api(app).get(f"/api/v1/documents/{owned.ids['document_id']}?q=private")
    (record,) = (record for record in caplog.records if record.name == "clasio.http")
    fields = record.__dict__
    assert fields["route"] == "/api/v1/documents/{document_id}"
    assert (fields["method"], fields["status"]) == ("GET", 200)
    assert fields["organization_id"] == str(owner.organization_id)
    assert "private" not in str(fields)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "", "origin": "https://evil.example"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8000.evil.example"},
        {"sec-fetch-site": "cross-site", "authorization": "Basic cHJveHk6cGFzc3dvcmQ="},  # a browser sends it by itself
        {},
    ],
)
def test_another_site_cannot_use_the_cookie(app: FastAPI, owner: Actor, owned: Owned, headers: dict[str, str]) -> None:
    client = owner.browser(app)
    del client.headers["sec-fetch-site"]
    document = f"/api/v1/documents/{owned.ids['document_id']}"
    for method, path in (("DELETE", document), ("POST", "/auth/sign-out"), ("PATCH", document)):
        answer = client.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert owner.api(app).get(document).json()["is_trashed"] is False


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://127.0.0.1:8000"}])
def test_our_own_page_can(app: FastAPI, owner: Actor, owned: Owned, headers: dict[str, str]) -> None:
    client = owner.browser(app)
    del client.headers["sec-fetch-site"]
    document = f"/api/v1/documents/{owned.ids['document_id']}"
    assert client.request("DELETE", document, headers=headers).status_code == 200


def test_a_proxy_with_a_password_of_its_own_may_stand_in_front(app: FastAPI, owner: Actor) -> None:
    client = owner.browser(app)
    client.headers["authorization"] = "Basic cHJveHk6cGFzc3dvcmQ="
    assert client.get("/api/v1/documents").status_code == 200
    answer = client.post("/api/v1/documents", files={"file": ("page.txt", b"from the page")})
    assert (answer.status_code, answer.json()["source"]) == (201, "upload")


@pytest.mark.parametrize(
    ("hops", "lines", "address"),
    [
        (0, ["198.51.100.1"], "testclient"),
        (1, [], "testclient"),
        (1, ["198.51.100.1, 203.0.113.5"], "203.0.113.5"),
        (1, ["198.51.100.1", "203.0.113.5"], "203.0.113.5"),  # the proxy adds a line, and the caller had one
        (2, ["198.51.100.1", "203.0.113.5, 203.0.113.6"], "203.0.113.5"),
        (3, ["203.0.113.5"], "testclient"),
    ],
)
def test_the_callers_address_is_what_the_trusted_proxies_say(
    monkeypatch: pytest.MonkeyPatch, hops: int, lines: list[str], address: str
) -> None:
    settings = get_settings().model_copy(update={"trusted_proxy_hops": hops})
    monkeypatch.setattr(callers, "get_settings", lambda: settings)
    headers = [(b"x-forwarded-for", line.encode()) for line in lines]
    assert callers.client_address(Request({"type": "http", "headers": headers, "client": ("testclient", 1)})) == address


def test_the_cookie_of_a_sign_in_is_out_of_reach_for_scripts(app: FastAPI, owner: Actor) -> None:
    form = {"email": owner.email, "password": owner.password}
    answer = visitor(app).post("/auth/sign-in", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


def test_a_wrong_password_leads_back_to_the_page_or_to_a_problem(app: FastAPI, owner: Actor) -> None:
    form = {"email": owner.email, "password": "not the password at all"}
    page = visitor(app).post("/auth/sign-in", data=form)
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?error=wrong_credentials")
    script = visitor(app).post("/auth/sign-in", data=form, headers={"accept": "application/json"})
    assert (script.status_code, script.json()["code"]) == (401, "wrong_credentials")
    assert "set-cookie" not in script.headers


def test_a_download_is_always_an_attachment(app: FastAPI, owner: Actor) -> None:
    name = 'Rechnung "ü"; 100%.html'
    document = factories.upload(owner.scope, name, "<!doctype html><script>alert(1)</script>")
    answer = owner.browser(app).get(f"/api/v1/documents/{document.id}/content")
    assert answer.content == b"<!doctype html><script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    kind, _, encoded = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert (kind, unquote(encoded)) == ("attachment", name)
    assert answer.headers["content-length"] == str(document.size_bytes)
    assert "sandbox" in answer.headers["content-security-policy"]


def test_bytes_that_are_missing_are_a_problem_and_not_half_an_answer(app: FastAPI, owner: Actor) -> None:
    document = factories.upload(owner.scope)
    folder = Path(urlsplit(get_settings().storage_url).path)
    (folder / BlobStore.key(owner.organization_id, document.sha256)).unlink()
    answer = owner.api(app).get(f"/api/v1/documents/{document.id}/content")
    assert (answer.status_code, answer.json()["code"]) == (503, "file_missing")


def test_the_same_idempotency_key_is_the_same_job(app: FastAPI, owner: Actor, owned: Owned) -> None:
    url = f"/api/v1/documents/{owned.ids['document_id']}/analyses"
    ids = {
        owner.api(app).post(url, json={"mode": "fast"}, headers={"idempotency-key": key}).json()["id"]
        for key in ("one", "one", "two")
    }
    assert len(ids) == 2
    job = owner.api(app).get(f"/api/v1/jobs/{UUID(ids.pop())}").json()
    assert (job["kind"], job["state"]) == ("analysis.analyse", "queued")


def test_ready_means_that_people_can_work(app: FastAPI, servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute("DELETE FROM workers")
        answer = visitor(app).get("/readyz")
        assert (answer.status_code, answer.json()["failing"]) == (503, ["workers"])
        for kind in ("worker", "control"):
            connection.execute(
                "INSERT INTO workers (id, kind, queues, host, pid) VALUES (gen_random_uuid(), %s, '[]', 'test', 1)",
                [kind],
            )
        answer = visitor(app).get("/readyz")
        assert (answer.status_code, answer.json()["failing"]) == (200, [])
        connection.execute("UPDATE workers SET seen_at = now() - interval '1 hour' WHERE kind = 'control'")
        assert visitor(app).get("/readyz").json()["failing"] == ["workers"]
        connection.execute("DELETE FROM workers")


def test_readyz_names_redis_when_it_is_away(app: FastAPI, servers: Servers) -> None:
    servers.valkey.stop()
    try:
        answer = visitor(app).get("/readyz")
        assert answer.status_code == 503
        assert "redis" in answer.json()["failing"]
    finally:
        servers.valkey.start()
    assert "redis" not in visitor(app).get("/readyz").json()["failing"]


def test_a_database_that_is_away_is_said_and_comes_back_by_itself(app: FastAPI, owner: Actor, servers: Servers) -> None:
    assert owner.api(app).get("/api/v1/usage").status_code == 200
    servers.postgres.stop()
    try:
        ready = visitor(app).get("/readyz")
        assert (ready.status_code, visitor(app).get("/healthz").status_code) == (503, 200)
        assert "database" in ready.json()["failing"]
        answer = owner.api(app).get("/api/v1/usage")
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert answer.headers["retry-after"] == "5"
    finally:
        servers.postgres.start()
    assert owner.api(app).get("/api/v1/usage").status_code == 200
    dispose_engine()
