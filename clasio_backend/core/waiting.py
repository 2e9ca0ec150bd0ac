"""Waiting at a process's start for what it needs, so that the order in which things are started does not matter."""

import logging
import time
from collections.abc import Callable

from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, ProgrammingError, SQLAlchemyError

from clasio_backend.core.db import get_engine, refuse_unsafe_role
from clasio_backend.core.redis import JOBS_DATABASE, shared
from clasio_backend.core.schema_version import is_behind

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
LOOKS_PER_LINE = 10


class NotMigrated(SQLAlchemyError):
    """The tables of this version are not there yet."""


def wait_for_database() -> None:
    """Returns once Postgres answers and is migrated; raises `UnsafeDatabaseRole` when its role sees everything."""
    _wait_for("database", _look_at_database)


def wait_for_redis() -> None:
    """Returns once Redis answers."""
    _wait_for("redis", lambda: shared(JOBS_DATABASE).ping())


def _look_at_database() -> None:
    refuse_unsafe_role()
    try:
        is_missing = is_behind(get_engine())
    except ProgrammingError:  # there is no table yet, or none that this role may read
        is_missing = True
    if is_missing:
        raise NotMigrated("its tables are not those of this version: ./clasio migrate makes them")


def _wait_for(what: str, look: Callable[[], object]) -> None:
    looks = 0
    while True:
        try:
            look()
        except (SQLAlchemyError, RedisError) as error:
            if looks % LOOKS_PER_LINE == 0:
                log.warning("waiting", extra={"for": what, "error": type(error).__name__, "says": _words_of(error)})
            looks += 1
            time.sleep(LOOK_SECONDS)
        else:
            return


def _words_of(error: SQLAlchemyError | RedisError) -> str:
    """What the server or the network said: a refused password is mended by other means than a closed port."""
    return " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
