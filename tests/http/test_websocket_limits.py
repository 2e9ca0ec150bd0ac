"""The middleware around websockets, with limits small enough to reach. `e2e/test_websocket.py` meets the real ones."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message, Receive, Scope, Send

from clasio_backend.core.config import get_settings
from clasio_backend.http import callers
from clasio_backend.http.websockets import Flow, WebsocketLimitMiddleware, WebsocketLimits
from clasio_backend.security.cookies import cookie_name

pytestmark = pytest.mark.anyio
PLENTY = Flow(burst=1_000_000, per_second=1_000_000)
FEW = Flow(burst=100, per_second=10_000)
REFUSED, TAKEN = ["websocket.close"], ["websocket.accept"]
MESSAGE: Message = {"type": "websocket.receive", "text": "x"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Taker:
    """An application that takes every message; `open` ends when it is let go."""

    def __init__(self) -> None:
        self.taken = self.opened = 0
        self.gone = asyncio.Event()

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        self.opened += 1
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            self.taken += 1
        await self.gone.wait()


def scope(address: str = "192.0.2.7", session: str = "", forwarded: str = "") -> Scope:
    headers = [(b"cookie", f"{cookie_name(get_settings())}={session}".encode())] if session else []
    headers += [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return {"type": "websocket", "headers": headers, "client": (address, 50123)}


async def connect(app: WebsocketLimitMiddleware, where: Scope, receive: Callable[[], Awaitable[Message]]) -> list[str]:
    """Runs one connection to its end; returns what was sent to it, by type."""
    sent: list[str] = []

    async def send(message: Message) -> None:
        sent.append(message["type"])

    await app(where, receive, send)
    return sent


async def gone() -> Message:
    return {"type": "websocket.disconnect", "code": 1000}


async def flood() -> Message:
    return MESSAGE


async def test_a_flood_is_ended_and_not_taken_without_end() -> None:
    taker = Taker()
    taker.gone.set()
    app = WebsocketLimitMiddleware(taker, WebsocketLimits(of_connection=FEW, of_address=PLENTY, most_held=10))
    assert await connect(app, scope(), flood) == ["websocket.accept", "websocket.close"]
    assert taker.taken >= FEW.burst + 10
    assert await connect(app, scope(), gone) == ["websocket.accept"]  # and it may come again


async def test_what_comes_too_fast_for_a_moment_is_taken_later_and_none_of_it_is_lost() -> None:
    taker = Taker()
    taker.gone.set()
    app = WebsocketLimitMiddleware(taker, WebsocketLimits(of_connection=FEW, of_address=PLENTY, most_held=100))
    left = int(FEW.burst) + 50

    async def some() -> Message:
        nonlocal left
        left -= 1
        return MESSAGE if left >= 0 else await gone()

    assert await connect(app, scope(), some) == ["websocket.accept"]
    assert taker.taken == FEW.burst + 50


async def test_all_connections_of_a_session_share_what_they_may_send() -> None:
    taker = Taker()
    slow = Flow(burst=200, per_second=0.001)
    app = WebsocketLimitMiddleware(
        taker, WebsocketLimits(of_connection=PLENTY, of_session=slow, of_address=PLENTY, opening_costs=0)
    )
    mine = [asyncio.create_task(connect(app, scope(session="one"), flood)) for _ in range(4)]
    await asyncio.sleep(0.05)
    assert taker.taken == slow.burst  # and each holds one message that it will take later
    left = 100

    async def some() -> Message:
        nonlocal left
        left -= 1
        return MESSAGE if left >= 0 else await gone()

    taker.gone.set()
    assert await connect(app, scope(session="two"), some) == TAKEN  # at the same address
    for task in mine:
        task.cancel()
    await asyncio.gather(*mine, return_exceptions=True)


async def opened(app: WebsocketLimitMiddleware, *scopes: Scope) -> list[list[str]]:
    """What each was sent, while all of them stay open."""
    taker = app.app
    assert isinstance(taker, Taker)
    tasks = []
    for where in scopes:
        tasks.append(asyncio.create_task(connect(app, where, gone)))
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    taker.gone.set()
    return await asyncio.gather(*tasks)


async def test_a_session_and_an_address_have_so_many_open_and_no_more() -> None:
    app = WebsocketLimitMiddleware(Taker(), WebsocketLimits(open_of_session=2, open_of_address=5))
    one, two = scope(session="one"), scope(session="two")
    assert await opened(app, one, one, one, two, two, two, scope(), scope(), scope("198.51.100.1")) == [
        *(TAKEN, TAKEN, REFUSED, TAKEN, TAKEN, REFUSED),
        *(TAKEN, REFUSED, TAKEN),
    ]
    assert await connect(app, one, gone) == TAKEN  # they are closed by now


async def test_a_made_up_session_is_bound_by_its_address() -> None:
    app = WebsocketLimitMiddleware(Taker(), WebsocketLimits(open_of_address=3))
    found = await opened(app, *(scope(session=f"made up {number}") for number in range(5)))
    assert found == [TAKEN, TAKEN, TAKEN, REFUSED, REFUSED]


async def test_the_addresses_of_one_customer_count_together() -> None:
    app = WebsocketLimitMiddleware(Taker(), WebsocketLimits(open_of_address=2))
    found = await opened(app, *(scope(f"2001:db8::{number}") for number in range(1, 4)), scope("2001:db8:0:1::1"))
    assert found == [TAKEN, TAKEN, REFUSED, TAKEN]


async def test_who_opens_without_end_is_refused_until_time_has_passed() -> None:
    taker = Taker()
    taker.gone.set()
    app = WebsocketLimitMiddleware(taker, WebsocketLimits(of_address=Flow(burst=10, per_second=0.001), opening_costs=5))
    assert [await connect(app, scope(), gone) for _ in range(4)] == [TAKEN, TAKEN, REFUSED, REFUSED]
    assert taker.opened == 2


@pytest.mark.parametrize(("hops", "outcome"), [(0, [TAKEN, REFUSED]), (1, [TAKEN, TAKEN])])
async def test_a_forwarded_address_counts_where_a_proxy_is_trusted(
    monkeypatch: pytest.MonkeyPatch, hops: int, outcome: list[list[str]]
) -> None:
    settings = get_settings().model_copy(update={"trusted_proxy_hops": hops})
    monkeypatch.setattr(callers, "get_settings", lambda: settings)
    app = WebsocketLimitMiddleware(Taker(), WebsocketLimits(open_of_address=1))
    assert await opened(app, scope(forwarded="198.51.100.1"), scope(forwarded="198.51.100.2")) == outcome


async def test_whoever_has_gone_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clasio_backend.http.websockets._MOST_IDLE", 100)
    taker = Taker()
    taker.gone.set()
    app = WebsocketLimitMiddleware(taker, WebsocketLimits(opening_costs=0))
    for number in range(300):
        assert await connect(app, scope(f"192.0.2.{number % 250}", session=str(number)), gone) == TAKEN
    assert len(app._callers) < 110
