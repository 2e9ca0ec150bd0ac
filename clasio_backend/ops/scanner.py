"""What operators see of the virus scanner."""

from functools import lru_cache

from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.integrations.clamav import ScannerUnavailable, get_scanner
from clasio_backend.ops.schemas import ScannerRow

PATIENCE_SECONDS = 2.0
ASKED_EVERY_SECONDS = 5
"""Open Ops pages look every two seconds, and one that does not answer would hold up each of them."""


def read_scanner() -> ScannerRow:
    """Whether it is on, whether it answers, and how many documents wait for it."""
    waiting, oldest = gateway.unscanned_documents()
    if get_scanner() is None:
        return ScannerRow(is_on=False, version=None, waiting=waiting, oldest_at=oldest)
    version = _version(int(now().timestamp() / ASKED_EVERY_SECONDS))
    return ScannerRow(is_on=True, version=version, waiting=waiting, oldest_at=oldest)


@lru_cache(maxsize=1)
def _version(_moment: int) -> str | None:
    scanner = get_scanner()
    try:
        return scanner.version(PATIENCE_SECONDS) if scanner is not None else None
    except ScannerUnavailable:
        return None
