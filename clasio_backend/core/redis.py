"""Connections to Redis. Nothing in it is missed when it is lost, so no caller waits long for it."""

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from clasio_backend.core.config import get_settings
from clasio_backend.core.keepalive import SOCKET

UI_DATABASE = 0
JOBS_DATABASE = 1


def redis_url(database: int) -> str:
    """REDIS_URL with this database's number; a URL that names a database already is taken as the first of the two."""
    parts = urlsplit(get_settings().redis_url.get_secret_value())
    first = int(parts.path.strip("/") or 0)
    return urlunsplit(parts._replace(path=f"/{first + database}"))


def connect(database: int, **options: Any) -> "Redis":
    """A client that fails at once when Redis is away (the library's default would wait 6 s)."""
    url = redis_url(database)
    settings: dict[str, Any] = {"socket_connect_timeout": 0.5, "socket_timeout": 2, "retry": Retry(NoBackoff(), 0)}
    if not url.startswith("unix:"):
        settings |= {"socket_keepalive": True, "socket_keepalive_options": SOCKET}
    return Redis.from_url(url, **settings | options)


@lru_cache(maxsize=2)
def shared(database: int) -> "Redis":
    """The process's client for short commands."""
    return connect(database)
