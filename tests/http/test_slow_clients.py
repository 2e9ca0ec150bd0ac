"""A body that stops coming is given up, whatever it was for; one that comes slowly is not."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI

from clasio_backend.http import middleware
from tests.cast import Actor

FORM = b'--edge\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nthe first words'
END = b"\r\n--edge--\r\n"
STOPS = {
    "/api/v1/invites": ("application/json", b'{"email": "'),
    "/api/v1/documents": ("multipart/form-data; boundary=edge", FORM),
}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "IDLE_SECONDS", 0.3)


def send_in_pieces(app: FastAPI, owner: Actor, path: str, kind: str, pieces: list[bytes], *, ends: bool) -> int:
    """The status of the answer to a body that comes piece by piece, and stops after them unless it `ends`."""
    status, left = 0, list(pieces)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.sleep(60)
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left) or not ends}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    headers = {"authorization": f"Bearer {owner.api_token}", "content-type": kind, "host": "127.0.0.1:8000"}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    asyncio.run(asyncio.wait_for(app(scope, receive, send), 20))  # type: ignore[arg-type]
    return status


@pytest.mark.parametrize("path", STOPS)
def test_a_body_that_stops_coming_is_given_up(app: FastAPI, owner: Actor, path: str) -> None:
    kind, beginning = STOPS[path]
    assert send_in_pieces(app, owner, path, kind, [beginning], ends=False) == 408


def test_a_body_that_comes_slowly_is_waited_for(app: FastAPI, owner: Actor) -> None:
    kind, beginning = STOPS["/api/v1/documents"]
    pieces = [beginning, *[b" and more"] * 12, END]
    assert send_in_pieces(app, owner, "/api/v1/documents", kind, pieces, ends=True) == 201
