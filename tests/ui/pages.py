"""The state of one page, as the server keeps it for a browser, and its events."""

import asyncio
import inspect
from typing import Any

import reflex as rx
from reflex.istate.data import RouterData

from clasio_backend.core.config import get_settings
from clasio_backend.security.cookies import cookie_name
from clasio_ui import clasio_ui  # noqa: F401  # knows every state
from tests.cast import Actor


def opened(state: type[rx.State], actor: Actor, path: str) -> rx.State:
    """The state of a page that `actor` has opened at `path`."""
    headers = {"origin": get_settings().base_url, "cookie": f"{cookie_name(get_settings())}={actor.cookie}"}
    root = rx.State(_reflex_internal_init=True)
    page: rx.State = root.get_substate(state.get_full_name().split("."))
    root.router = RouterData.from_router_data({"headers": headers, "asPath": path, "pathname": path})
    return page


def run(state: rx.State, name: str, arguments: dict[str, Any]) -> None:
    asyncio.run(_run(state, name, arguments))


async def _run(state: rx.State, name: str, arguments: dict[str, Any]) -> None:
    result = inspect.unwrap(type(state).event_handlers[name].fn)(state, **arguments)
    if inspect.isasyncgen(result):
        async for _ in result:
            pass
    elif inspect.isawaitable(result):
        await result
