"""Every route of the application, found by looking, and requests that fit them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx import Response
from starlette.testclient import TestClient

PUBLIC = {
    ("GET", "/healthz"): "says only that the process lives",
    ("GET", "/readyz"): "names failing parts, nothing of a tenant",
    ("GET", "/api/v1/openapi.json"): "the description of the API",
    ("POST", "/auth/sign-in"): "where people come in",
    ("POST", "/auth/setup"): "guarded by a one-time link",
    ("POST", "/auth/set-password"): "guarded by a one-time link",
    ("POST", "/auth/sign-out"): "ends the session of the cookie that came along; without one there is nothing to end",
}
CATCH_ALL = "/api/{path:path}"  # answers 404 to everybody


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def filled(self, ids: Mapping[str, UUID]) -> str:
        """The path with real ids; a new parameter has to be given an owner's row in `conftest.owned`."""
        return self.path.format_map(ids)

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


def send(client: TestClient, app: FastAPI, route: Route, ids: Mapping[str, UUID]) -> Response:
    """Calls `route` with the least body that its description asks for."""
    return client.request(route.method, route.filled(ids), **_body(app, route, ids))


def _body(app: FastAPI, route: Route, ids: Mapping[str, UUID]) -> dict[str, Any]:
    if route.path == "/auth/switch":
        # A form without this header is a page's, and led to the sign-in page instead.
        return {"data": {"organization_id": str(ids["organization_id"])}, "headers": {"accept": "application/json"}}
    schema = app.openapi()
    operation = schema["paths"].get(route.path, {}).get(route.method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return {"files": {"file": ("sent by the test.txt", b"sent by the test")}}
    if "application/json" in content:
        return {"json": _example(schema, content["application/json"]["schema"])}
    return {}


def _example(schema: dict[str, Any], wanted: dict[str, Any]) -> Any:
    """The smallest value that fits a JSON schema of ours."""
    if "$ref" in wanted:
        return _example(schema, schema["components"]["schemas"][wanted["$ref"].rsplit("/", 1)[-1]])
    if "enum" in wanted:
        return wanted["enum"][0]
    kind = wanted.get("type")
    if kind == "object":
        return {name: _example(schema, wanted["properties"][name]) for name in wanted.get("required", ())}
    return {"array": [], "integer": wanted.get("minimum", 1), "boolean": False}.get(str(kind), "example")
