"""Limits on attempts, shared through Redis; while Redis is away each process counts for itself."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from clasio_backend.core.errors import ClasioError, TooManyRequests
from clasio_backend.core.redis import JOBS_DATABASE, redis_url, shared

log = logging.getLogger(__name__)
_HOURS_FROM = 120
"""Minutes."""
PAUSE_SECONDS = 5.0
"""For how long a Redis that is away is not asked again: one that hangs costs 2 seconds a question."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`name` says what is counted, `rate` how much of it (`10 per 5 minutes`), `key` whose it is."""

    name: str
    rate: str
    key: str

    @property
    def item(self) -> RateLimitItem:
        return parse(self.rate)


def sign_in_limits(account: str, ip_address: str) -> tuple[Limit, ...]:
    """Failed sign-ins per account, per address and in all (ASVS 5.0.0 §6.3.1); nobody is locked out for good."""
    return (
        Limit("sign-in of account", "10 per 5 minutes", account),
        Limit("sign-in from address", "50 per 5 minutes", ip_address),
        Limit("sign-in", "1000 per 5 minutes", "all"),
    )


def confirmation_limits(user_id: str) -> tuple[Limit, ...]:
    """Wrong passwords of somebody who is signed in and is asked for it again."""
    return (Limit("confirmation of account", "10 per 5 minutes", user_id),)


def code_limits(user_id: str) -> tuple[Limit, ...]:
    """Wrong codes of a second factor. Three codes of a million are right at any time: a hundred guesses a day find one
    in nine years. Only who knows the password can use them up.
    """
    return (
        Limit("code of account", "10 per 5 minutes", user_id),
        Limit("code of account and day", "100 per day", user_id),
    )


def reset_limits(email: str, ip_address: str) -> tuple[Limit, ...]:
    """Mails for forgotten passwords: asked for by anybody, so few to one address, whether somebody has it or not."""
    return (
        Limit("password reset of address", "5 per hour", email),
        Limit("password reset from address", "20 per hour", ip_address),
        Limit("password reset", "1000 per hour", "all"),
    )


def confirmation_mail_limits(user_id: str) -> tuple[Limit, ...]:
    """Mails that confirm an address: they go to whatever address somebody types."""
    return (Limit("confirmation mail of account", "5 per hour", user_id),)


def provider_limits(ip_address: str) -> tuple[Limit, ...]:
    """Ways to a provider and back: an office behind one address signs in in the morning, nobody a thousand times.

    None for all together: there is nothing to guess, and whoever used it up would keep everybody out.
    """
    return (Limit("provider sign-in from address", "100 per 5 minutes", ip_address),)


def share_password_limits(share_id: str, ip_address: str) -> tuple[Limit, ...]:
    """Passwords typed for one share: few from one address, and not many from all together."""
    return (
        Limit("share password from address", "10 per 5 minutes", f"{share_id} {ip_address}"),
        Limit("share password", "50 per 5 minutes", share_id),
    )


def share_visit_limits(ip_address: str) -> tuple[Limit, ...]:
    """Requests for public pages."""
    return (Limit("share visits from address", "300 per 5 minutes", ip_address),)


def share_picture_limits(ip_address: str) -> tuple[Limit, ...]:
    """Pictures on public pages: several a page, and most of them are drawn already."""
    return (Limit("share pictures from address", "3000 per 5 minutes", ip_address),)


def share_drawing_limits(share_id: str, ip_address: str) -> tuple[Limit, ...]:
    """Pages that visitors have drawn anew, and their words: what costs a process and the whole file decrypted."""
    return (
        Limit("share drawing from address", "500 per 5 minutes", ip_address),
        Limit("share drawing", "1000 per 5 minutes", share_id),
    )


def take(limits: tuple[Limit, ...]) -> None:
    """Counts one attempt against each before it is made: many at once get no more.

    Raises `TooManyRequests`, and then counts against none: whom one limit stops uses up nobody else's.
    """
    for number, limit in enumerate(limits):
        if not _hit(limit):
            _give_back(limits[:number])
            raise _spent(limit)


@contextmanager
def one_guess(limits: tuple[Limit, ...], *, wrong: type[ClasioError]) -> Iterator[None]:
    """Around the check of a password: `take`s first, and gives it back unless the block raises `wrong`."""
    take(limits)
    was_wrong = False
    try:
        yield
    except wrong:
        was_wrong = True
        raise
    finally:
        if not was_wrong:
            _give_back(limits)


def _give_back(limits: tuple[Limit, ...]) -> None:
    for limit in limits:
        _hit(limit, cost=-1)


def _spent(limit: Limit) -> TooManyRequests:
    minutes = max(1, limit.item.get_expiry() // 60)
    wait = f"{minutes} minutes" if minutes < _HOURS_FROM else f"{minutes // 60} hours"
    return TooManyRequests(f"Too many attempts. Try again in {wait}.", retry_after=minutes * 60)


_asks_redis_from = 0.0
"""On the monotonic clock."""


def _hit(limit: Limit, *, cost: int = 1) -> bool:
    global _asks_redis_from  # noqa: PLW0603  # one Redis for the process
    if time.monotonic() >= _asks_redis_from:
        try:
            return _in_redis().hit(limit.item, limit.name, limit.key, cost=cost)
        except StorageError as error:
            log.warning("rate_limit_storage_away", extra={"error": type(error).__name__})
            _asks_redis_from = time.monotonic() + PAUSE_SECONDS
    return _in_memory().hit(limit.item, limit.name, limit.key, cost=cost)


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
