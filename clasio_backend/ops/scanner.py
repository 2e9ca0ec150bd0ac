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
    """Whether it is on, whether it answers, how many documents wait for it, and how many were never scanned."""
    waiting, oldest = gateway.unscanned_documents()
    is_on = get_scanner() is not None
    version = _version(int(now().timestamp() / ASKED_EVERY_SECONDS)) if is_on else None
    return ScannerRow(is_on, version, waiting, oldest, gateway.not_scanned_documents())


@lru_cache(maxsize=1)
def _version(_moment: int) -> str | None:
    scanner = get_scanner()
    try:
        return scanner.version(PATIENCE_SECONDS) if scanner is not None else None
    except ScannerUnavailable:
        return None
