"""Every route of the application, found by looking, and requests that fit them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx import Response
from starlette.testclient import TestClient

from tests.factories import PASSWORD

PUBLIC = {
    ("GET", "/healthz"): "says only that the process lives",
    ("GET", "/readyz"): "names failing parts, nothing of a tenant",
    ("GET", "/api/v1/openapi.json"): "the description of the API",
    ("POST", "/auth/sign-in"): "where people come in",
    ("POST", "/auth/sign-in/code"): "guarded by the cookie of a sign-in that waits for its code",
    ("POST", "/auth/setup"): "guarded by a one-time link",
    ("POST", "/auth/set-password"): "guarded by a one-time link",
    ("POST", "/auth/forgot-password"): "where people ask for a link; the answer is the same for everybody",
    ("POST", "/auth/reset-password"): "guarded by a one-time link",
    ("POST", "/auth/confirm-email"): "guarded by a one-time link",
    ("POST", "/auth/accept-invite"): "guarded by an invite's link",
    ("POST", "/auth/provider/{slug}/sign-in"): "where people set out to a provider",
    ("GET", "/auth/provider/{slug}/callback"): "guarded by the cookie of who set out",
    ("GET", "/s/{token}"): "guarded by a share's link",
    ("POST", "/s/{token}"): "guarded by a share's link",
    ("GET", "/s/{token}/content"): "guarded by a share's link",
    ("GET", "/s/{token}/pages/{n}"): "guarded by a share's link",
    ("POST", "/s/{token}/edit"): "guarded by a share's link",
    ("POST", "/auth/sign-out"): "ends the session of the cookie that came along; without one there is nothing to end",
}
NAMED = {"queue": "read", "schedule_id": "clean-up", "n": "1", "slug": "oidc"}
"""Path parameters that name a part of the instance or of a document, which is nobody's secret."""
FORMATS = {"email": "planted@example.org", "uuid": "00000000-0000-7000-8000-000000000000"}
CATCH_ALL = "/api/{path:path}"  # answers 404 to everybody


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def filled(self, ids: Mapping[str, UUID]) -> str:
        """The path with real ids; a new parameter has to be given an owner's row in `conftest.owned`."""
        return self.path.format_map(NAMED | dict(ids))

    @property
    def has_ids(self) -> bool:
        return "{" in self.path


def all_routes(app: FastAPI) -> Iterator[Route]:
    for context in iter_route_contexts(app.routes):
        path = str(getattr(context, "path", ""))
        if path != CATCH_ALL:
            for method in sorted(set(getattr(context, "methods", ()) or ()) - {"HEAD", "OPTIONS"}):
                yield Route(method, path)


def private_routes(app: FastAPI) -> Iterator[Route]:
    for route in all_routes(app):
        if (route.method, route.path) not in PUBLIC:
            yield route


def send(
    client: TestClient, app: FastAPI, route: Route, ids: Mapping[str, UUID], *, method: str | None = None
) -> Response:
    """Calls `route` with the least body that its description asks for; with another `method` where one is meant."""
    return client.request(method or route.method, route.filled(ids), **_body(client, app, route, ids))


def _deletion(client: TestClient, route: Route) -> dict[str, str]:
    """The password of everybody in the cast, and what else is asked for; the next route calls it off again."""
    if route.path.startswith("/api/v1/account"):
        return {"documents": "go", "password": PASSWORD}
    return {"name": client.get("/api/v1/organization").json().get("name", ""), "password": PASSWORD}


def _body(client: TestClient, app: FastAPI, route: Route, ids: Mapping[str, UUID]) -> dict[str, Any]:
    forms = {
        "/auth/switch": {"organization_id": str(ids["organization_id"])},
        "/auth/join": {"token": "unknown"},
        "/auth/change-password": {"current_password": "wrong", "password": "wrong"},
        "/auth/provider/{slug}/again": {},
        "/auth/provider/{slug}/connect": {"password": "wrong"},
    }
    if route.path in forms:
        # A form without this header is a page's, and led to the sign-in page instead.
        return {"data": forms[route.path], "headers": {"accept": "application/json"}}
    if route.path.endswith("/deletion") and route.method == "POST":
        return {"json": _deletion(client, route)}
    schema = app.openapi()
    operation = schema["paths"].get(route.path, {}).get(route.method.lower(), {})
    if asked := _query(schema, operation, ids):
        return {"params": asked}
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return {"files": {"file": ("sent by the test.txt", b"sent by the test")}}
    if "application/json" in content:
        body = _example(schema, content["application/json"]["schema"])
        pointing = {"ids": [str(ids["document_id"])], "into": str(ids["category_id"])}
        return {"json": body | {name: value for name, value in pointing.items() if name in body}}
    return {}


def body_of(app: FastAPI, route: Route) -> dict[str, Any]:
    """A value for every field that the route's JSON body can have, also for those that may be left out."""
    schema = app.openapi()
    operation = schema["paths"].get(route.path, {}).get(route.method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return {}
    wanted = content["application/json"]["schema"]
    fields = schema["components"]["schemas"][wanted["$ref"].rsplit("/", 1)[-1]]["properties"]
    return {name: _example(schema, field) for name, field in fields.items()}


def _query(schema: dict[str, Any], operation: dict[str, Any], ids: Mapping[str, UUID]) -> dict[str, Any]:
    parameters = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    if any(each["name"] == "ids" for each in parameters):
        return {"ids": str(ids["document_id"])}
    return {each["name"]: _example(schema, each["schema"]) for each in parameters if each["required"]}


def _example(schema: dict[str, Any], wanted: dict[str, Any]) -> Any:
    """The smallest value that fits a JSON schema of ours."""
    if "$ref" in wanted:
        return _example(schema, schema["components"]["schemas"][wanted["$ref"].rsplit("/", 1)[-1]])
    if "anyOf" in wanted:
        return _example(schema, wanted["anyOf"][0])
    if "enum" in wanted:
        return wanted["enum"][0]
    if wanted.get("format") in FORMATS:
        return FORMATS[wanted["format"]]
    kind = wanted.get("type")
    if kind == "object":
        return {name: _example(schema, wanted["properties"][name]) for name in wanted.get("required", ())}
    return {"array": [], "integer": wanted.get("minimum", 1), "boolean": False}.get(str(kind), "example")
