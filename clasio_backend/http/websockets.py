"""Bounds for the websockets that carry a page's events: how many somebody has open, and how much comes through them.

What comes too fast is not lost: it is taken later, so that it is the sender's own line that fills up. Whoever goes on
is disconnected; a page connects again by itself. All of it is counted in this process: a websocket belongs to one
process, and a Redis that is away changes nothing.
"""

import asyncio
import logging
import time
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clasio_backend.core.config import get_settings
from clasio_backend.http.callers import client_address
from clasio_backend.security.cookies import session_token
from clasio_backend.security.networks import network_of
from clasio_backend.security.tokens import hash_token

log = logging.getLogger("clasio.http")
POLICY_VIOLATION = 1008
"""The close code for a reason that has none of its own (RFC 6455 §7.4.1)."""
_MOST_IDLE = 10_000
"""Callers who have gone and are remembered, before those with nothing to remember are looked for."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Messages: `burst` at once, then `per_second`."""

    burst: float
    per_second: float


@dataclass(frozen=True, slots=True)
class WebsocketLimits:
    """A page sends an event for each click, and a few a second while somebody types; dragging may send 60.

    The session's are those of all tabs of one person. An address may be that of an office: its limits only keep a
    single one from taking the whole process.
    """

    of_connection: Flow = Flow(burst=600, per_second=20)
    of_session: Flow = Flow(burst=1200, per_second=40)
    of_address: Flow = Flow(burst=6000, per_second=400)
    opening_costs: int = 5
    """Messages: to open a websocket is more work than to take an event."""
    open_of_session: int = 50
    open_of_address: int = 1000
    most_held: int = 100
    """Messages that came too fast, without a pause in between, before the connection ends: 5 seconds of them."""


DEFAULT = WebsocketLimits()


class _Bucket:
    """Full at first. What is taken beyond what is in it is a debt, which time pays."""

    __slots__ = ("_at", "_flow", "_left")

    def __init__(self, flow: Flow, at: float) -> None:
        self._flow, self._left, self._at = flow, flow.burst, at

    def take(self, cost: int, at: float) -> float:
        """Takes `cost`; returns for how many seconds the taker has to wait."""
        self._left = self._now(at) - cost
        self._at = at
        return max(0.0, -self._left / self._flow.per_second)

    def is_full(self, at: float, *, share: float = 1.0) -> bool:
        return self._now(at) >= share * self._flow.burst

    def has(self, cost: int, at: float) -> bool:
        return self._now(at) >= cost

    def _now(self, at: float) -> float:
        return min(self._flow.burst, self._left + (at - self._at) * self._flow.per_second)


class _Caller:
    """A session or an address: what it has open, and what all of these may send together."""

    __slots__ = ("bucket", "most_open", "open")

    def __init__(self, flow: Flow, most_open: int, at: float) -> None:
        self.bucket, self.most_open, self.open = _Bucket(flow, at), most_open, 0

    def may_open(self, cost: int, at: float) -> bool:
        return self.open < self.most_open and self.bucket.has(cost, at)


class WebsocketLimitMiddleware:
    """Around everything that takes websockets; other requests pass through."""

    def __init__(self, app: ASGIApp, limits: WebsocketLimits = DEFAULT) -> None:
        self.app, self._limits = app, limits
        self._callers: dict[str, _Caller] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        now = time.monotonic()
        callers = self._of(HTTPConnection(scope), now)
        if not all(caller.may_open(self._limits.opening_costs, now) for caller in callers):
            log.warning("websocket_refused")
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        for caller in callers:
            caller.open += 1
            caller.bucket.take(self._limits.opening_costs, now)
        try:
            await self.app(scope, self._slowed(callers, receive, send), send)
        finally:
            for caller in callers:
                caller.open -= 1

    def _of(self, connection: HTTPConnection, now: float) -> list[_Caller]:
        """A session is believed as it is sent: a made-up one is still bound by its address."""
        limits = self._limits
        if len(self._callers) > _MOST_IDLE:
            self._forget_idle(now)
        address = f"address {network_of(client_address(connection))}"
        known = [self._callers.setdefault(address, _Caller(limits.of_address, limits.open_of_address, now))]
        if token := session_token(connection.headers.get("cookie"), get_settings()):
            session = f"session {hash_token(token).hex()}"
            known.append(self._callers.setdefault(session, _Caller(limits.of_session, limits.open_of_session, now)))
        return known

    def _forget_idle(self, now: float) -> None:
        self._callers = {
            name: caller for name, caller in self._callers.items() if caller.open or not caller.bucket.is_full(now)
        }

    def _slowed(self, callers: list[_Caller], receive: Receive, send: Send) -> Receive:
        own = _Bucket(self._limits.of_connection, time.monotonic())
        held = 0

        async def receive_slowed() -> Message:
            nonlocal held
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            now = time.monotonic()
            if own.is_full(now, share=0.5):
                held = 0
            own_wait = own.take(1, now)
            held += bool(own_wait)
            if held > self._limits.most_held:
                log.warning("websocket_flood_ended")
                await send({"type": "websocket.close", "code": POLICY_VIOLATION})
                return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}
            if wait := max([own_wait, *(caller.bucket.take(1, now) for caller in callers)]):
                await asyncio.sleep(wait)
            return message

        return receive_slowed
