"""402: before the bytes where their size is known, and else as soon as they pass what is left."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI, Request

from clasio_backend.core.errors import QuotaExceeded
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.intake import check_upload
from clasio_backend.http.uploads import received_file
from clasio_backend.usage.plans import PLANS, Meter
from clasio_backend.usage.service import count
from tests import cast
from tests.cast import Actor
from tests.http.test_uploads import END, TYPE, URL, part, send
from tests.servers import Servers

ROOM = 1_000_000


@pytest.fixture
def nearly_full(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """On a free plan of 10 documents and 20 MB, of which 1 MB is left."""
    limits = PLANS["free"].limits | {Meter.DOCUMENTS: 10, Meter.STORAGE_BYTES: 20 * ROOM}
    monkeypatch.setitem(PLANS, "free", replace(PLANS["free"], limits=limits))
    actor = cast.owner("Fred Free", plan="free")
    with unit_of_work(actor.scope) as uow:
        count(uow, {Meter.DOCUMENTS: 1, Meter.STORAGE_BYTES: 19 * ROOM})
    return actor


def used(app: FastAPI, actor: Actor) -> dict[str, int]:
    meters = actor.api(app).get("/api/v1/usage").json()["meters"]
    return {meter["meter"]: meter["used"] for meter in meters}


def test_the_answer_says_used_limit_plan_and_where_to_upgrade(app: FastAPI, nearly_full: Actor) -> None:
    answer = send(app, nearly_full, part(b"x" * (ROOM + 100_000)) + END)
    assert answer.status_code == 402
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {name: problem[name] for name in ("title", "code", "meter", "used", "limit", "plan", "upgrade_url")} == {
        "title": "Limit reached",
        "code": "quota_exceeded",
        "meter": "storage_bytes",
        "used": 19 * ROOM,
        "limit": 20 * ROOM,
        "plan": "free",
        "upgrade_url": "http://127.0.0.1:8000/usage",
    }
    assert problem["detail"] == (
        "The free plan has no room for this: 19 of 20 MB of storage are used. "
        "Move what is no longer needed to the trash; an owner can upgrade the plan."
    )
    assert used(app, nearly_full)["documents"] == 1


def test_exactly_what_is_left_fits_and_one_byte_more_does_not(app: FastAPI, nearly_full: Actor) -> None:
    assert send(app, nearly_full, part(b"x" * (ROOM + 1)) + END).status_code == 402
    assert send(app, nearly_full, part(b"x" * ROOM) + END).status_code == 201
    assert used(app, nearly_full)["storage_bytes"] == 20 * ROOM


def test_a_body_without_a_length_is_refused_when_it_passes_what_is_left(app: FastAPI, nearly_full: Actor) -> None:
    def body() -> Iterator[bytes]:
        yield part(b"x")[:-3]
        for _ in range(20):
            yield b"x" * 100_000
        yield b"\r\n" + END

    answer = send(app, nearly_full, body())
    assert (answer.status_code, answer.json()["meter"]) == (402, "storage_bytes")
    assert used(app, nearly_full) == used(app, nearly_full) | {"documents": 1, "storage_bytes": 19 * ROOM}


@pytest.mark.parametrize("headers", [{}, {"content-length": "500"}], ids=["no size", "a size that lies"])
def test_reading_stops_at_the_first_byte_that_has_no_room(nearly_full: Actor, headers: dict[str, str]) -> None:
    """A body of 100 MB; a tenth of the room comes in each piece."""
    pieces = 0

    async def receive() -> dict[str, Any]:
        nonlocal pieces
        pieces += 1
        tenth = b"x" * (ROOM // 10)
        body = part(tenth)[:-2] if pieces == 1 else tenth
        return {"type": "http.request", "body": body, "more_body": pieces < 1_000}

    sent = {"content-type": TYPE} | headers
    scope = {"type": "http", "headers": [(name.encode(), value.encode()) for name, value in sent.items()]}

    async def take_in() -> None:
        limit = check_upload(nearly_full.scope, int(headers.get("content-length", 0)))
        async with received_file(Request(scope, receive), limit):
            pass

    with pytest.raises(QuotaExceeded):
        asyncio.run(take_in())
    assert pieces == 11


def test_too_many_documents_are_refused_whatever_their_size(app: FastAPI, nearly_full: Actor) -> None:
    with unit_of_work(nearly_full.scope) as uow:
        count(uow, {Meter.DOCUMENTS: 9})
    problem = send(app, nearly_full, part(b"small") + END).json()
    assert (problem["meter"], problem["used"], problem["limit"]) == ("documents", 10, 10)


def test_a_page_can_ask_before_it_sends(app: FastAPI, nearly_full: Actor) -> None:
    def ask(size_bytes: int) -> tuple[int, str]:
        answer = nearly_full.browser(app).get("/api/v1/usage/room", params={"size_bytes": size_bytes})
        return answer.status_code, answer.json()["code"] if answer.content else ""

    assert ask(ROOM) == (204, "")
    assert ask(ROOM + 1) == (402, "quota_exceeded")
    assert ask(50_000_001) == (413, "file_too_large")


def test_a_client_that_asked_whether_to_send_is_told_no_before_it_does(app: FastAPI, nearly_full: Actor) -> None:
    """Its body is not read: reading is what tells it to send."""
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"", "more_body": False}

    statuses: list[int] = []

    async def answer(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    headers = {
        "authorization": f"Bearer {nearly_full.api_token}",
        "content-type": TYPE,
        "content-length": str(2 * ROOM),
        "expect": "100-continue",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": URL,
        "raw_path": URL.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "http_version": "1.1",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(app(scope, receive, answer))
    assert (statuses, read) == ([402], 0)


def test_reading_and_downloading_stay_open_at_the_limit(app: FastAPI, nearly_full: Actor) -> None:
    document = send(app, nearly_full, part(b"x" * ROOM) + END).json()
    client = nearly_full.api(app)
    assert send(app, nearly_full, part(b"more") + END).status_code == 402
    assert len(client.get(f"{URL}/{document['id']}/content").content) == ROOM
    assert client.delete(f"{URL}/{document['id']}").status_code == 200
    assert send(app, nearly_full, part(b"more") + END).status_code == 201


def test_what_the_reports_answer(app: FastAPI, nearly_full: Actor) -> None:
    assert send(app, nearly_full, part(b"hello") + END).status_code == 201
    client = nearly_full.api(app)
    days = client.get("/api/v1/usage/days", params={"days": 2}).json()
    assert [(day["uploads"], day["analyses"]) for day in days] == [(0, 0), (1, 0)]
    assert client.get("/api/v1/usage/days", params={"days": 93}).status_code == 422
    [person] = client.get("/api/v1/usage/people").json()
    assert (person["name"], person["documents"], person["storage_bytes"]) == ("Fred Free", 1, 5)
    [month] = client.get("/api/v1/usage/months").json()
    assert (month["fast_analyses"], month["ai_tokens"]) == (0, 0)
    assert client.get("/api/v1/usage/forecasts").json() == []
