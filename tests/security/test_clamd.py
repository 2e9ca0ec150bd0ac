"""The client of clamd believes only what the protocol knows, about all of the bytes."""

import io
import socket

import pytest

from clasio_backend.integrations.clamav import Clamd, ScannerUnavailable, TooMuchToScan
from tests.scanning import HONEST, clamd_that_says

LIES = {
    "nothing": b"",
    "without its end": b"stream: OK",
    "twice": b"stream: OK\0stream: OK\0",
    "another word": b"stream: FINE\0",
    "small letters": b"stream: ok\0",
    "more after it": b"stream: OK FOUND OK\0",
    "an error": b"stream: Can't open file ERROR\0",
    "of another file": b"/etc/passwd: OK\0",
    "endless": b"x" * 100_000,
    "noise": bytes(range(256)),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_no_verdict_leaves_the_file_closed(lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with clamd_that_says(LIES[lie]) as url, pytest.raises(ScannerUnavailable):
        Clamd(url).scan(io.BytesIO(HONEST.encode()))


def test_a_verdict_on_half_of_a_file_is_none() -> None:
    for answer in (b"stream: OK\0", b""):
        with clamd_that_says(answer, reads=100_000) as url, pytest.raises(ScannerUnavailable):
            Clamd(url).scan(io.BytesIO(b"x" * 20_000_000))


def test_a_scanner_that_goes_on_for_ever_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        scanner = Clamd(f"tcp://127.0.0.1:{deaf.getsockname()[1]}", scan_seconds=0.2)
        with pytest.raises(ScannerUnavailable):
            scanner.scan(io.BytesIO(b"x" * 50_000_000))
        with pytest.raises(ScannerUnavailable):
            scanner.version(seconds=0.2)


@pytest.mark.parametrize(
    "answer",
    [b"stream: Heuristics.Limits.Exceeded.MaxFiles FOUND\0", b"INSTREAM size limit exceeded. ERROR\0"],
)
def test_a_scanner_that_left_off_has_not_found_it_clean(answer: bytes) -> None:
    with clamd_that_says(answer) as url:
        assert isinstance(Clamd(url).scan(io.BytesIO(b"x")), TooMuchToScan)
