"""One request to a provider: no redirects, at most so many bytes, at most so many seconds."""

import json
import ssl
import time
from collections.abc import Iterator
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Any

import httpx

MAX_BYTES = 500_000
SECONDS = 5.0
"""For connecting, and for each piece of the answer."""
SECONDS_IN_ALL = 8.0
AT_ONCE = 8
WAITING_SECONDS = 2.0
"""A provider that hangs holds so many of the process's threads, and whoever comes then waits so long, not longer."""

_places = BoundedSemaphore(AT_ONCE)
_AS_IT_IS = {"Accept": "application/json", "Accept-Encoding": "identity"}
"""A compressed answer could be larger than it looks."""


class BadAnswer(Exception):
    """`cause` says what was wrong with it; `status` is HTTP's, 0 when there was none."""

    def __init__(self, cause: str, status: int = 0) -> None:
        super().__init__(cause)
        self.cause, self.status = cause, status

    @property
    def is_away(self) -> bool:
        """Whether waiting may help."""
        return self.status == 0 or self.status >= httpx.codes.INTERNAL_SERVER_ERROR


def get_json(url: str, *, bearer: str | None = None) -> dict[str, Any]:
    """The JSON object at this address; raises `BadAnswer`."""
    headers = _AS_IT_IS | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    return _ask("GET", url, headers=headers)


def post_form(url: str, form: dict[str, str], *, basic: tuple[str, str] | None = None) -> dict[str, Any]:
    """The JSON object that a form is answered with; raises `BadAnswer`."""
    auth = httpx.BasicAuth(*basic) if basic else None
    return _ask("POST", url, headers=_AS_IT_IS, data=form, auth=auth)


def _ask(method: str, url: str, **options: Any) -> dict[str, Any]:
    if not _places.acquire(timeout=WAITING_SECONDS):
        raise BadAnswer("busy")
    try:
        return _answer(method, url, **options)
    finally:
        _places.release()


def _answer(method: str, url: str, **options: Any) -> dict[str, Any]:
    until = time.monotonic() + SECONDS_IN_ALL
    try:
        with (
            httpx.Client(verify=_trusted(), timeout=SECONDS, follow_redirects=False) as client,
            client.stream(method, url, **options) as answer,
        ):
            body = b"".join(_pieces(answer, until))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadAnswer(type(error).__name__) from error
    if answer.status_code != httpx.codes.OK:
        raise BadAnswer("status", answer.status_code)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("no_json", answer.status_code) from error
    if not isinstance(found, dict):
        raise BadAnswer("no_object", answer.status_code)
    return found


def _pieces(answer: httpx.Response, until: float) -> Iterator[bytes]:
    size = 0
    for piece in answer.iter_raw():
        size += len(piece)
        if size > MAX_BYTES:
            raise BadAnswer("too_large", answer.status_code)
        if time.monotonic() > until:
            raise BadAnswer("too_slow")
        yield piece


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """The authorities that are trusted: reading them takes longer than most answers. A client of its own for each
    request, because one that is kept would carry one person's cookies to the next.
    """
    return httpx.create_ssl_context()
