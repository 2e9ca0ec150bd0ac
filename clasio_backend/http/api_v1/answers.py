"""What every route documents besides its own answer."""

from typing import Any

from pydantic import BaseModel

from clasio_backend.http.problems import MEDIA_TYPE


class Problem(BaseModel):
    """RFC 9457; `code` is stable, `detail` is a sentence for people."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str


ANY_CHANGE = {
    "403": "The request came from another site",
    "408": "The body stopped coming",
    "413": "The body is too large",
}
"""What the middleware answers, whatever the route."""


def document_changes(description: dict[str, Any]) -> None:
    """Adds to every operation that changes something what the middleware may answer in its place."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for path in description["paths"].values():
        for method in path.keys() & {"post", "put", "patch", "delete"}:
            for status, words in ANY_CHANGE.items():
                path[method]["responses"].setdefault(status, {"description": words, "content": {MEDIA_TYPE: schema}})


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for these error answers, and for those that every route has."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"model": Problem, "content": {MEDIA_TYPE: schema}} for status in (401, 403, 422, 429, 503, *statuses)
    }
