"""HEAD, of every route that can be read, found by looking."""

from fastapi import FastAPI

from tests.cast import Actor, visitor
from tests.http.routes import all_routes, send
from tests.owned import Owned

USED_UP = "/auth/"
"""A way back from a sign-in provider works once, so it is for browsers alone."""


def test_whatever_can_be_read_answers_head_as_it_answers_get(app: FastAPI, owner: Actor, owned: Owned) -> None:
    client = owner.browser(app)
    routes = [route for route in all_routes(app) if route.method == "GET" and not route.path.startswith(USED_UP)]
    assert routes
    for route in routes:
        ids = dict(owned.ids) | {"token": owned.ids["share_id"]}  # no token, so there is no such share
        got = send(client, app, route, ids)
        headed = send(client, app, route, ids, method="HEAD")
        assert headed.content == b"", route
        assert (headed.status_code, headed.headers.get("content-type")) == (
            got.status_code,
            got.headers.get("content-type"),
        ), route
        assert "x-request-id" in headed.headers, route
        if "content-length" in got.headers and got.headers["content-type"] == "application/octet-stream":
            assert headed.headers["content-length"] == got.headers["content-length"], route


def test_head_opens_nothing_that_get_does_not(app: FastAPI, owned: Owned, outsider: Actor) -> None:
    path = f"/api/v1/documents/{owned.ids['document_id']}"
    assert visitor(app).head(path).status_code == 401
    assert outsider.api(app).head(path).status_code == 404
    assert visitor(app).head("/api/v1/nothing").status_code == 404
