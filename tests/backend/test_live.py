import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from clasio_backend.core import live
from clasio_backend.core.live import Change, subscribe
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.trash import trash_document
from tests import factories
from tests.cast import Actor
from tests.servers import Servers

PATIENCE_SECONDS = 30  # how long a broken build would wait; a working one answers at once


def listening(audience: UUID, watch: Callable[["asyncio.Queue[Change]"], Awaitable[None]]) -> None:
    async def run() -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), subscribe(audience) as queue:
                while not live.is_listening():  # noqa: ASYNC110  # it has no event of its own
                    await asyncio.sleep(0.01)
                await watch(queue)
        finally:
            await live.stop()

    asyncio.run(run())


async def trash(actor: Actor, document_id: UUID) -> None:
    def step() -> None:
        with unit_of_work(actor.scope) as uow:
            trash_document(uow, document_id)

    await asyncio.to_thread(step)


def test_a_change_reaches_those_who_listen(owner: Actor) -> None:
    document = factories.upload(owner.scope)

    async def watch(queue: "asyncio.Queue[Change]") -> None:
        await trash(owner, document.id)
        assert await queue.get() == Change("document", document.id)

    listening(owner.organization_id, watch)


def test_nothing_of_another_organization_arrives(owner: Actor, other_tenant: Actor) -> None:
    ours, theirs = factories.upload(owner.scope), factories.upload(other_tenant.scope)

    async def watch(queue: "asyncio.Queue[Change]") -> None:
        await trash(other_tenant, theirs.id)  # Postgres delivers in order, so this would come first
        await trash(owner, ours.id)
        assert await queue.get() == Change("document", ours.id)
        assert queue.empty()

    listening(owner.organization_id, watch)


def test_a_change_that_is_undone_is_never_told(owner: Actor) -> None:
    undone, kept = factories.upload(owner.scope), factories.upload(owner.scope)

    def step_that_breaks() -> None:
        with unit_of_work(owner.scope) as uow:
            trash_document(uow, undone.id)
            raise RuntimeError("half-way")

    async def watch(queue: "asyncio.Queue[Change]") -> None:
        with pytest.raises(RuntimeError, match="half-way"):
            await asyncio.to_thread(step_that_breaks)
        await trash(owner, kept.id)
        assert await queue.get() == Change("document", kept.id)

    listening(owner.organization_id, watch)


def test_a_lost_connection_is_made_again(owner: Actor, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "RECONNECT_SECONDS", 0.05)
    document = factories.upload(owner.scope)

    async def watch(queue: "asyncio.Queue[Change]") -> None:
        before = await asyncio.to_thread(listeners, servers)
        await asyncio.to_thread(end_listeners, servers)
        while not await asyncio.to_thread(listeners, servers) - before:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        while not live.is_listening():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await trash(owner, document.id)
        assert await queue.get() == Change("document", document.id)

    listening(owner.organization_id, watch)


def listeners(servers: Servers) -> set[int]:
    """The processes of Postgres that serve a listening connection."""
    with servers.as_app() as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in rows}


def end_listeners(servers: Servers) -> None:
    with servers.as_app() as connection:  # a role may end its own connections
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN %' AND pid <> pg_backend_pid()"
        )
