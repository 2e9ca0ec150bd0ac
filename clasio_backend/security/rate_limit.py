"""Limits on attempts, shared through Redis; while Redis is away each process counts for itself."""

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from clasio_backend.core.errors import ClasioError, TooManyRequests
from clasio_backend.core.redis import JOBS_DATABASE, redis_url, shared

log = logging.getLogger(__name__)
T = TypeVar("T")
_MINUTES_FROM, _HOURS_FROM = 90, 120
"""Seconds, and minutes."""
PAUSE_SECONDS = 5.0
"""For how long a Redis that is away is not asked again: one that hangs costs 2 seconds a question."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`name` says what is counted, `rate` how much of it (`10 per 5 minutes`), `key` whose it is.

    Around a guess, `counts_right` also counts the right ones.
    """

    name: str
    rate: str
    key: str
    counts_right: bool = False

    @property
    def item(self) -> RateLimitItem:
        return parse(self.rate)


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of a limit is left, and in how many seconds there is more."""

    limit: Limit
    left: int
    more_in: int


def take(limits: tuple[Limit, ...]) -> None:
    """Counts one attempt against each before it is made: many at once get no more.

    Raises `TooManyRequests`, and then counts against none: whom one limit stops uses up nobody else's.
    """
    spent = count(limits)
    if spent is not None:
        raise _refusal(spent)


def count(limits: tuple[Limit, ...]) -> Limit | None:
    """The same for a caller with words of its own: returns the limit that is spent, or None."""
    for number, limit in enumerate(limits):
        if not _hit(limit):
            _give_back(limits[:number])
            return limit
    return None


def standing(limit: Limit) -> Standing:
    """How much is left now; asked after `count`, others may have taken some of it in between."""
    found = _ask(lambda limiter: limiter.get_window_stats(limit.item, limit.name, limit.key))
    seconds = max(1, math.ceil(found.reset_time - time.time()))
    return Standing(limit, found.remaining, min(seconds, limit.item.get_expiry()))


@contextmanager
def one_guess(limits: tuple[Limit, ...], *, wrong: type[ClasioError]) -> Iterator[None]:
    """Around the check of a password: `take`s first, and gives it back unless the block raises `wrong`.

    Not to limits that count what is right as well.
    """
    take(limits)
    was_wrong = False
    try:
        yield
    except wrong:
        was_wrong = True
        raise
    finally:
        if not was_wrong:
            _give_back(tuple(limit for limit in limits if not limit.counts_right))


def _give_back(limits: tuple[Limit, ...]) -> None:
    for limit in limits:
        _hit(limit, cost=-1)


def _refusal(limit: Limit) -> TooManyRequests:
    seconds = standing(limit).more_in
    return TooManyRequests(f"Too many attempts. Try again in {in_words(seconds)}.", retry_after=seconds)


def in_words(seconds: int) -> str:
    """`40 seconds`, `5 minutes`, `3 hours`: never less than what there is to wait."""
    if seconds < _MINUTES_FROM:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} minutes" if minutes < _HOURS_FROM else f"{math.ceil(minutes / 60)} hours"


_asks_redis_from = 0.0
"""On the monotonic clock."""


def _hit(limit: Limit, *, cost: int = 1) -> bool:
    return _ask(lambda limiter: limiter.hit(limit.item, limit.name, limit.key, cost=cost))


def _ask(question: Callable[[SlidingWindowCounterRateLimiter], T]) -> T:
    """Redis, or while that is away what this process has counted itself."""
    global _asks_redis_from  # noqa: PLW0603  # one Redis for the process
    if time.monotonic() >= _asks_redis_from:
        try:
            return question(_in_redis())
        except StorageError as error:
            log.warning("rate_limit_storage_away", extra={"error": type(error).__name__})
            _asks_redis_from = time.monotonic() + PAUSE_SECONDS
    return question(_in_memory())


@lru_cache(maxsize=1)
def _in_redis() -> SlidingWindowCounterRateLimiter:
    """On the process's own connections: a Redis that hangs is given up after their 2 seconds."""
    pool = shared(JOBS_DATABASE).connection_pool
    return SlidingWindowCounterRateLimiter(
        RedisStorage(redis_url(JOBS_DATABASE), wrap_exceptions=True, connection_pool=pool)
    )


@lru_cache(maxsize=1)
def _in_memory() -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(MemoryStorage())
