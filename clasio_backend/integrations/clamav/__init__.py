"""The virus scanner, a ClamAV daemon at `CLAMD_URL`. Whatever is not plainly "clean" is not clean."""

from clasio_backend.integrations.clamav.client import (
    Clamd,
    Clean,
    Found,
    ScannerUnavailable,
    TooMuchToScan,
    Verdict,
    find_local,
    get_scanner,
)

__all__ = [
    "Clamd",
    "Clean",
    "Found",
    "ScannerUnavailable",
    "TooMuchToScan",
    "Verdict",
    "find_local",
    "get_scanner",
]
