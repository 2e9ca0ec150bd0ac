"""Bodies that are larger than anything of ours needs: a sentence, never a 500, and never held in memory."""

from collections.abc import Iterator

from fastapi import FastAPI

from tests.cast import Actor
from tests.http.routes import Route, all_routes
from tests.owned import Owned

TEN_MB = 10_000_000
UPLOAD = Route("POST", "/api/v1/documents")


def test_ten_megabytes_are_refused_by_every_route_that_writes(app: FastAPI, owner: Actor, owned: Owned) -> None:
    client, ids = owner.api(app), {**owned.ids, "token": "unknown"}
    routes = [route for route in all_routes(app) if route.method != "GET" and route != UPLOAD]
    assert len(routes) > 20
    body = b'{"email": "' + b"x" * TEN_MB + b'"}'
    for route in routes:
        answer = client.request(
            route.method, route.filled(ids), content=body, headers={"content-type": "application/json"}
        )
        assert (answer.status_code, answer.json()["status"]) == (413, 413), route
        assert "1 MB" in answer.json()["detail"]


def test_a_body_that_does_not_say_how_long_it_is_is_refused_too(app: FastAPI, owner: Actor) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"email": "'
        for _ in range(200):
            yield b"x" * 50_000
        yield b'"}'

    answer = owner.api(app).post("/api/v1/invites", content=pieces(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_a_form_is_no_way_round(app: FastAPI, owner: Actor) -> None:
    answer = owner.browser(app).post("/auth/sign-in", data={"email": "a@b.example", "password": "x" * TEN_MB})
    assert answer.status_code == 413


def test_files_are_not_concerned(app: FastAPI, owner: Actor) -> None:
    answer = owner.api(app).post("/api/v1/documents", files={"file": ("big.txt", b"words " * 400_000)})
    assert answer.status_code == 201
