"""What breaks other people's software, sent to every route that takes anything, found by looking.

Each answer is below 500, and a refusal says in a sentence what is wrong.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from httpx import Response
from starlette.testclient import TestClient

from clasio_backend.core.redis import JOBS_DATABASE, shared
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.problems import MEDIA_TYPE
from clasio_backend.organizations.invites import invite
from clasio_backend.organizations.schemas import NewInvite
from clasio_backend.sharing.schemas import NewShare
from clasio_backend.sharing.service import share_document
from tests import factories
from tests.cast import Actor
from tests.http.routes import NAMED, Route, all_routes, body_of
from tests.naughty import BAD_BODIES, BREAKING, CONTENT_TYPES, NAUGHTY, WRONG_VALUES
from tests.owned import Owned

FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
WRITING = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def ids(owner: Actor, owned: Owned) -> Iterator[dict[str, Any]]:
    """What stands for the parameters of paths: the owner's rows, and a share's link that lets edit."""
    with unit_of_work(owner.scope) as uow:
        link = share_document(uow, owned.ids["document_id"], NewShare(access="editor")).link
    yield {**owned.ids, "token": link.rpartition("/")[2]}
    shared(JOBS_DATABASE).flushdb()  # attempts that were counted here are no other test's


@pytest.fixture
def client(app: FastAPI, owner: Actor) -> TestClient:
    return owner.browser(app)


def check(answer: Response, *what: object) -> None:
    described = [str(part)[:80] for part in what]
    assert answer.status_code < 500, (described, answer.text)
    kind = answer.headers.get("content-type", "")
    if kind == MEDIA_TYPE:
        assert answer.json()["detail"].endswith("."), (described, answer.text)
    elif answer.status_code >= 400:
        assert kind.startswith("text/html"), (described, answer.text)  # a visitor's page


def routes_that_write(app: FastAPI) -> list[Route]:
    """Those after which something is gone come last."""
    routes = [route for route in all_routes(app) if route.method in WRITING]
    return sorted(routes, key=lambda route: (route.path == "/auth/sign-out", route.method == "DELETE"))


def test_bodies_of_the_wrong_kind(app: FastAPI, client: TestClient, ids: dict[str, Any]) -> None:
    routes = routes_that_write(app)
    assert len(routes) > 20
    for route in routes:
        assert client.get("/api/v1/usage").status_code == 200, f"signed out before {route}"
        for name, body in BAD_BODIES.items():
            headers = {"content-type": "application/json"}
            check(client.request(route.method, route.filled(ids), content=body, headers=headers), route, name)
        for kind in CONTENT_TYPES:
            headers = {"content-type": kind, "accept": "application/json"}
            body = b'{"name": "a\\u0000", "token": "b"}'
            check(client.request(route.method, route.filled(ids), content=body, headers=headers), route, kind)


def test_every_field_of_every_json_body(app: FastAPI, client: TestClient, ids: dict[str, Any]) -> None:
    fields = 0
    for route in routes_that_write(app):
        body = body_of(app, route)
        for name in body:
            fields += 1
            for value in (*BREAKING, *WRONG_VALUES, list(BREAKING)):
                content = json.dumps(body | {name: value}).encode()
                headers = {"content-type": "application/json"}
                check(
                    client.request(route.method, route.filled(ids), content=content, headers=headers),
                    route,
                    name,
                    value,
                )
    assert fields > 15
    assert client.get("/api/v1/usage").status_code == 200  # they were signed in all the time


def test_every_query_parameter_once_and_twice(app: FastAPI, client: TestClient, ids: dict[str, Any]) -> None:
    schema, asked = app.openapi(), 0
    for route in all_routes(app):
        operation = schema["paths"].get(route.path, {}).get(route.method.lower(), {})
        names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
        for name in names:
            asked += 1
            for text in BREAKING:
                query = urlencode([(name, text)], errors="surrogatepass")
                check(client.request(route.method, f"{route.filled(ids)}?{query}"), route, name, text)
            for first in ("1", "\x00"):
                query = urlencode([(name, first), (name, "2"), (name, "")])
                check(client.request(route.method, f"{route.filled(ids)}?{query}"), route, query)
            check(
                client.request(route.method, route.filled(ids), params={f"{name}[]": "1", f"{name}[a]": "1"}),
                route,
                name,
            )
    assert asked > 20
    assert client.get("/api/v1/usage").status_code == 200


def test_every_field_of_every_form(app: FastAPI, client: TestClient, owner: Actor, ids: dict[str, Any]) -> None:
    """Forms of links are sent with a link that works, so that the fields behind it are looked at."""
    with unit_of_work(owner.scope) as uow:
        invited = invite(uow, NewInvite(email=factories.new_email("nora"))).link.rpartition("=")[2]
    known = {"token": invited, "email": "a@example.org", "password": factories.PASSWORD, "name": "Nora"}
    known |= {"organization_name": "Example", "organization_id": str(owner.organization_id)}
    forms = 0
    for path, names in forms_of(app):
        for name in names:
            forms += 1
            for text in BREAKING[:9]:
                form = {each: known.get(each, "") for each in names} | {name: text}
                content = urlencode(form, errors="surrogatepass")
                check(client.post(path.format_map(NAMED | ids), content=content, headers=FORM), path, name, text)
            shared(JOBS_DATABASE).flushdb()
    assert forms > 15


def forms_of(app: FastAPI) -> Iterator[tuple[str, list[str]]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and not route.include_in_schema:
            names = [field.name for field in route.dependant.body_params]
            if names:
                yield str(context.path), names


@pytest.mark.parametrize("text", NAUGHTY + BREAKING[:-1])
def test_names_of_uploaded_files(client: TestClient, text: str) -> None:
    name = text.encode("utf-8", "surrogatepass").replace(b'"', b"%22").replace(b"\r", b"").replace(b"\n", b"")
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'.txt"\r\n\r\n'
    answer = client.post(
        "/api/v1/documents?duplicates=keep",
        content=part + b"some text\r\n--x--\r\n",
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    check(answer, text)
    if answer.status_code == 201:
        stored = answer.json()["name"]
        assert 0 < len(stored) <= 255
        assert not any(ord(character) < 32 or ord(character) == 127 for character in stored)
        assert client.get(f"/api/v1/documents/{answer.json()['id']}/content").status_code == 200
