"""Live changes for open pages: one LISTEN connection per web process, which carries ids only.

`UnitOfWork.notify` writes in the changing transaction. A page that misses a notice (the connection was lost) polls as
well, so a notice is only ever an earlier hint.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg

from clasio_backend.core.config import get_settings
from clasio_backend.core.db import libpq_url
from clasio_backend.core.keepalive import POSTGRES_CLIENT
from clasio_backend.core.unit_of_work import LIVE_CHANNEL

log = logging.getLogger(__name__)
RECONNECT_SECONDS = 2.0
QUEUE_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """Row `id` of kind `topic` (`document`, `session`, …) changed."""

    topic: str
    id: UUID


class _Hub:
    def __init__(self) -> None:
        self._queues: dict[UUID, set[asyncio.Queue[Change]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self.is_listening = False

    def add(self, audience: UUID) -> asyncio.Queue[Change]:
        queue: asyncio.Queue[Change] = asyncio.Queue(QUEUE_LIMIT)
        self._queues[audience].add(queue)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        return queue

    def remove(self, audience: UUID, queue: asyncio.Queue[Change]) -> None:
        self._queues[audience].discard(queue)
        if not self._queues[audience]:
            del self._queues[audience]

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self.is_listening = False

    async def _listen(self) -> None:
        while True:
            try:
                await self._receive()
            except (psycopg.Error, OSError) as error:
                self.is_listening = False
                log.warning("live_connection_lost", extra={"error": type(error).__name__})
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _receive(self) -> None:
        url = libpq_url(get_settings().database_url.get_secret_value())
        async with await psycopg.AsyncConnection.connect(
            url, autocommit=True, connect_timeout=5, **POSTGRES_CLIENT
        ) as connection:
            await connection.execute(f"LISTEN {LIVE_CHANNEL}")
            self.is_listening = True
            async for notice in connection.notifies():
                self._deliver(notice.payload)

    def _deliver(self, payload: str) -> None:
        message = json.loads(payload)
        change = Change(message["topic"], UUID(message["id"]))
        for queue in self._queues.get(UUID(message["to"]), ()):
            if not queue.full():  # a page that does not read polls instead
                queue.put_nowait(change)


_hub = _Hub()


@asynccontextmanager
async def subscribe(audience: UUID) -> AsyncIterator[asyncio.Queue[Change]]:
    """A queue of what changes for an organization (or a person), for as long as the block runs."""
    queue = _hub.add(audience)
    try:
        yield queue
    finally:
        _hub.remove(audience, queue)


def is_listening() -> bool:
    """Whether changes come in now; while they do not, pages poll."""
    return _hub.is_listening


async def stop() -> None:
    """Ends the connection, when the web process stops."""
    await _hub.stop()
