"""Around every request: an id, one log line, and a stop for requests that another site sends in a person's name."""

import asyncio
import logging
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clasio_backend.core.scope import new_request_id
from clasio_backend.http.api_limits import HEADERS as RATE_LIMIT_HEADERS
from clasio_backend.http.callers import bearer_token
from clasio_backend.http.problems import problem
from clasio_backend.observability.logging import log_context

log = logging.getLogger("clasio.http")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UPLOAD_PATH = "/api/v1/documents"
MAX_BODY_BYTES = 1_000_000
TOO_LARGE = "This request is larger than 1 MB. Send less at once."
IDLE_SECONDS = 60.0
"""For how long nothing of a body may come: a line that is that slow has broken off."""
TOO_SLOW = "Nothing more of this request came for a minute. Send it again."
OWN_PREFIXES = ("/api/", "/s/", "/healthz", "/readyz")
"""Where the routes are that can be read."""
QUIET_PREFIXES = ("/assets/", "/_event", "/healthz")


class RequestMiddleware:
    """Gives the request its id (answered as `X-Request-ID`) and logs how it ended."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = new_request_id()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500
        started = time.monotonic()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers.update(scope["state"].get(RATE_LIMIT_HEADERS, {}))
            await send(message)

        with log_context(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                if not scope["path"].startswith(QUIET_PREFIXES):
                    log.info("request", extra=_fields(scope, status, time.monotonic() - started))


def _fields(scope: Scope, status: int, seconds: float) -> dict[str, object]:
    fields: dict[str, object] = {
        "route": _template(scope),
        "method": scope["method"],
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
    }
    organization_id = scope.get("state", {}).get("organization_id")
    return fields | ({"organization_id": str(organization_id)} if organization_id else {})


def _template(scope: Scope) -> str:
    """The path with names in place of ids and tokens; a route itself does not know the prefix it is included under."""
    path = getattr(scope.get("route"), "path", None)
    if path is None:
        return "(page)"
    if ":path}" in path:  # any number of segments
        return str(path)
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    return "/".join(names.get(segment, segment) for segment in scope["path"].split("/"))


class HeadMiddleware:
    """Answers HEAD as GET without the body (RFC 9110 §9.3.2), whatever can be read; what is streamed is not made.

    A page's own files, which the user interface serves, know HEAD by themselves.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or not scope["path"].startswith(OWN_PREFIXES):
            await self.app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
                return
            await send({"type": "http.response.body"})
            if message.get("more_body", False):
                raise _HeadAnswered

        scope["method"] = "GET"
        try:
            await self.app(scope, receive, send_without_body)
        except _HeadAnswered:
            pass
        finally:
            scope["method"] = "HEAD"  # for the log


class _HeadAnswered(Exception):
    """Ends what would go on making a body."""


class BodyLimitMiddleware:
    """Refuses bodies that no form and no JSON of ours needs; files have a limit of their own, while they stream."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or scope["path"] == UPLOAD_PATH:
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > MAX_BODY_BYTES:
            await problem(Request(scope), 413, "too_large", TOO_LARGE)(scope, receive, send)
            return
        received = 0

        async def receive_within() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise HTTPException(413, TOO_LARGE)
            return message

        await self.app(scope, receive_within, send)


class SlowClientMiddleware:
    """Gives up on bodies that stop coming, so that nobody holds connections and half-written files by the thousand.

    Headers that stop coming, or pass 400 kB, end in the server itself, after 30 seconds.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_whole = False

        async def receive_in_time() -> Message:
            nonlocal is_whole
            if is_whole:  # what comes next is that the client left, and that may take its time
                return await receive()
            try:
                async with asyncio.timeout(IDLE_SECONDS):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, TOO_SLOW) from None
            is_whole = not message.get("more_body", False)
            return message

        await self.app(scope, receive_in_time, send)


class OriginMiddleware:
    """Refuses state changes that come from another site (OWASP CSRF cheat sheet: Fetch Metadata, Origin as fallback).

    Requests with a bearer token need no check: another site cannot make a browser send one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not is_same_site(Headers(scope=scope)):
            request = Request(scope)
            answer = problem(request, 403, "foreign_origin", "This request came from another site, so it was refused.")
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)


def is_same_site(headers: Headers) -> bool:
    """Whether the browser says that our own page made the request, or no browser is involved."""
    if bearer_token(headers) is not None:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == headers.get("host")
    return "cookie" not in headers
