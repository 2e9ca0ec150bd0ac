"""Limits on attempts, shared through Redis; while Redis is away each process counts for itself."""

import logging
from dataclasses import dataclass
from functools import lru_cache

from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from clasio_backend.core.errors import TooManyRequests
from clasio_backend.core.redis import JOBS_DATABASE, redis_url

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """`name` says what is counted, `rate` how much of it (`10 per 5 minutes`), `key` whose it is."""

    name: str
    rate: str
    key: str

    @property
    def item(self) -> RateLimitItem:
        return parse(self.rate)


def sign_in_limits(email: str, ip_address: str) -> tuple[Limit, ...]:
    """Failed sign-ins per account, per address and in all (ASVS 5.0.0 §6.3.1); nobody is locked out for good."""
    return (
        Limit("sign-in of account", "10 per 5 minutes", email.lower()),
        Limit("sign-in from address", "50 per 5 minutes", ip_address),
        Limit("sign-in", "1000 per 5 minutes", "all"),
    )


def refuse_when_spent(limits: tuple[Limit, ...]) -> None:
    """Raises `TooManyRequests` when one of them is used up."""
    for limit in limits:
        if not _ask("test", limit):
            minutes = max(1, limit.item.get_expiry() // 60)
            raise TooManyRequests(f"Too many attempts. Try again in {minutes} minutes.", retry_after=minutes * 60)


def count(limits: tuple[Limit, ...]) -> None:
    """Counts one attempt against each."""
    for limit in limits:
        _ask("hit", limit)


def _ask(question: str, limit: Limit) -> bool:
    try:
        return bool(getattr(_limiter(shared=True), question)(limit.item, limit.name, limit.key))
    except StorageError as error:
        log.warning("rate_limit_storage_away", extra={"error": type(error).__name__})
        return bool(getattr(_limiter(shared=False), question)(limit.item, limit.name, limit.key))


@lru_cache(maxsize=2)
def _limiter(*, shared: bool) -> SlidingWindowCounterRateLimiter:
    url = redis_url(JOBS_DATABASE)
    storage = RedisStorage(url, wrap_exceptions=True, socket_connect_timeout=0.5) if shared else MemoryStorage()
    return SlidingWindowCounterRateLimiter(storage)
