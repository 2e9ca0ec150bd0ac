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


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for these error answers, and for those that every route has."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {status: {"model": Problem, "content": {MEDIA_TYPE: schema}} for status in (401, 422, 503, *statuses)}
