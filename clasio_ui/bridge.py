"""The one door from the pages to the backend.

Every event resolves anew who is asking: cookie → session in the database → `Scope`. So a sign-out, a removed member or
a switched organization counts from the next event on, and an id that the browser sends is never trusted.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from clasio_backend.accounts.authorize import authorize_browser, authorize_person, authorize_session
from clasio_backend.accounts.schemas import Browser, SignedIn
from clasio_backend.core import live
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ClasioError, NotFound
from clasio_backend.core.scope import Scope, UserScope, new_request_id
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.observability.logging import log_context
from clasio_backend.ops.access import Operator, authorize_operator
from clasio_backend.security.cookies import session_token

log = logging.getLogger("clasio.ui")
P = ParamSpec("P")
T = TypeVar("T")

POLL_SECONDS = 2.0
CHECK_SECONDS = 15.0
SETTLE_SECONDS = 0.15
"""Changes that come this close together are shown together."""


def _token(state: rx.State) -> str | None:
    return session_token(state.router.headers.cookie, get_settings())


async def who(state: rx.State) -> SignedIn:
    """The person behind this page; raises `NotSignedIn`."""
    return await asyncio.to_thread(authorize_session, _token(state))


async def call(
    state: rx.State, service: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Runs one service function for the person behind this page, in a thread and a transaction of its own."""
    return await asyncio.to_thread(_call, _token(state), service, *args, **kwargs)


def _call(token: str | None, service: Callable[Concatenate[UnitOfWork, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    request_id = new_request_id()
    signed_in = authorize_session(token, request_id=request_id)
    with log_context(request_id=request_id, organization_id=signed_in.scope.organization_id):
        try:
            with unit_of_work(signed_in.scope) as uow:
                return service(uow, *args, **kwargs)
        except ClasioError as error:
            log.info("event_refused", extra={"service": service.__name__, "code": error.code})
            raise
        except Exception as error:
            log.exception("event_failed", extra={"service": service.__name__})
            raise Unexpected(request_id) from error


async def in_scope(
    state: rx.State, function: Callable[Concatenate[Scope, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Runs what opens its own transactions, one for each item, for the person behind this page."""
    person = await who(state)
    return await asyncio.to_thread(function, person.scope, *args, **kwargs)


async def as_person(
    state: rx.State, function: Callable[Concatenate[UserScope, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Runs what belongs to the person behind this page alone: also for somebody without an organization."""
    person = await asyncio.to_thread(authorize_person, _token(state))
    return await asyncio.to_thread(function, person, *args, **kwargs)


async def as_browser(
    state: rx.State, function: Callable[Concatenate[Browser, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """The same for what has to know which of their browsers this is."""
    browser = await asyncio.to_thread(authorize_browser, _token(state))
    return await asyncio.to_thread(function, browser, *args, **kwargs)


async def anybody(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs what needs nobody signed in (a link's page), in a thread."""
    return await asyncio.to_thread(function, *args, **kwargs)


async def operate(state: rx.State, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs what only operators of the instance may do; to all others it is not there."""
    person = await who(state)
    if not person.user.is_operator:
        raise NotFound
    return await asyncio.to_thread(function, *args, **kwargs)


async def as_operator(
    state: rx.State, function: Callable[Concatenate[Operator, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Runs a function of Ops for the operator behind this page; to all others it is not there."""
    operator = await asyncio.to_thread(authorize_operator, _token(state))
    return await asyncio.to_thread(_as_operator, operator, function, *args, **kwargs)


def _as_operator(
    operator: Operator, function: Callable[Concatenate[Operator, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    with log_context(request_id=operator.request_id):
        try:
            return function(operator, *args, **kwargs)
        except ClasioError:
            raise
        except Exception as error:
            log.exception("event_failed", extra={"service": function.__name__})
            raise Unexpected(operator.request_id) from error


class Elsewhere(ClasioError):
    """The session looks at another organization than this page: it was switched in another tab."""

    code = "elsewhere"
    status = 409

    def __init__(self, organization: str) -> None:
        super().__init__(f"You are in {organization} now: the organization was switched in another tab.")


class Unexpected(ClasioError):
    """A bug, in words that help: the request id finds its log line."""

    code = "internal_error"
    status = 500

    def __init__(self, request_id: str) -> None:
        super().__init__("Something went wrong on our side. Try again; if it stays, give the operator the request id.")
        self.request_id = request_id


def row_id(text: str) -> UUID:
    """An id that came from the browser; anything else is as good as not found."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


is_connected: Callable[[str], bool] = lambda _token: True  # noqa: E731  # replaced by clasio_ui.py, which knows the sockets
"""Whether the browser tab with this client token still has its websocket."""


async def changes(state: rx.State) -> AsyncIterator[frozenset[str]]:
    """Yields whenever something of the page's organization changed: the ids of what did, as text.

    An empty set is a reminder to look (the connection that brings changes may have been lost). Ends when the tab is
    gone; raises `NotSignedIn` when the session has ended, `Elsewhere` when it looks at another organization now.
    """
    here = (await who(state)).organization
    client = state.router.session.client_token
    async with live.subscribe(here.id) as queue:
        while is_connected(client):
            changed = await _next_changes(queue)
            now = (await who(state)).organization
            if now.id != here.id:
                raise Elsewhere(now.name)
            yield changed


async def ticks(state: rx.State) -> AsyncIterator[None]:
    """Yields every two seconds, for a page that looks at more than one organization; ends when the tab is gone."""
    client = state.router.session.client_token
    while is_connected(client):
        await asyncio.sleep(POLL_SECONDS)
        yield


async def _next_changes(queue: "asyncio.Queue[live.Change]") -> frozenset[str]:
    pause = CHECK_SECONDS if live.is_listening() else POLL_SECONDS
    try:
        first = await asyncio.wait_for(queue.get(), pause)
    except TimeoutError:
        return frozenset()
    await asyncio.sleep(SETTLE_SECONDS)
    return frozenset(str(change.id) for change in [first, *(queue.get_nowait() for _ in range(queue.qsize()))])


def finding(error: ValidationError) -> str:
    """What is wrong with the first value that is, as a sentence beside its field."""
    words = str(error.errors()[0]["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{words[:1].upper()}{words[1:]}."


def in_words(error: Any) -> tuple[str, str]:
    """(sentence, request id) of an error, for an error state on the page."""
    if isinstance(error, ClasioError):
        return error.message, getattr(error, "request_id", "")
    if isinstance(error, ValidationError):
        return "This value is not one of those that are possible. Choose another.", ""
    return Unexpected("").message, ""
