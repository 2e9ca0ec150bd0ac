"""A small client of clamd's own protocol (clamd(8)): VERSION and INSTREAM, each on a connection of its own.

Written here because the packaged client loses clamd's answer when a file is too large. It fails closed: a file is
clean only when clamd took every byte of it and said exactly `stream: OK`.
"""

import re
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ProviderError

CONNECT_SECONDS = 5.0
SCAN_SECONDS = 180.0
"""From the connection to the verdict. clamd's own limit for one file is two minutes."""
VERSION_SECONDS = 10.0
_CHUNK_BYTES = 256 * 1024
_MAX_ANSWER_BYTES = 4096
_MAX_WORDS = 200
_LENGTH = struct.Struct("!L")
_CLEAN = b"stream: OK"
_FOUND = re.compile(r"stream: (.+) FOUND")
_TOO_MUCH = re.compile(r"INSTREAM size limit exceeded\b.*ERROR")
_VERSION = re.compile(r"ClamAV \d[^\x00-\x1f\x7f]*")
_LIMITS = "Heuristics.Limits.Exceeded"
LOCAL_SOCKETS = (
    "/run/clamav/clamd.ctl",
    "/var/run/clamav/clamd.ctl",
    "/run/clamd.scan/clamd.sock",
    "/var/run/clamd.scan/clamd.sock",
    "/run/clamav/clamd.sock",
    "/opt/homebrew/var/run/clamav/clamd.sock",
    "/usr/local/var/run/clamav/clamd.sock",
)
"""Where distributions put it. Not in /tmp: there anybody could answer in its place."""


class ScannerUnavailable(ProviderError):
    """No verdict: the scanner is away, too slow, or said what it should not. Nothing is known about the file."""

    code = "scanner_unavailable"
    status = 503

    def __init__(self, cause: str) -> None:
        super().__init__("The virus scanner does not answer. Files wait for it.", retryable=True)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Clean:
    pass


@dataclass(frozen=True, slots=True)
class Found:
    """`signature` as the database calls it."""

    signature: str


@dataclass(frozen=True, slots=True)
class TooMuchToScan:
    """The scanner did not look at all of it; `limit` says which of its limits that was."""

    limit: str


Verdict = Clean | Found | TooMuchToScan


class Clamd:
    """One daemon, named by `unix:///path`, `unix:/path` or `tcp://host:port`."""

    def __init__(self, url: str, *, scan_seconds: float = SCAN_SECONDS) -> None:
        parts = urlsplit(url)
        self._path = unquote(parts.path) if parts.scheme == "unix" else None
        self._host, self._port = parts.hostname or "", parts.port or 3310
        self._scan_seconds = scan_seconds

    def version(self, seconds: float = VERSION_SECONDS) -> str:
        """Engine and database as clamd names them, `ClamAV 1.4.6/27500/Thu Nov 26 …`.

        Raises `ScannerUnavailable`.
        """
        with self._connected(seconds) as connection:
            connection.send(b"zVERSION\0")
            answer = connection.answer()
        words = answer.decode("utf-8", "replace")
        if not _VERSION.fullmatch(words):
            raise ScannerUnavailable("the answer to VERSION is not one of clamd's")
        return words[:_MAX_WORDS]

    def scan(self, file: IO[bytes]) -> Verdict:
        """The verdict on all bytes of `file`, from its present position; raises `ScannerUnavailable`."""
        with self._connected(self._scan_seconds) as connection:
            is_whole = connection.send_file(file)
            answer = connection.answer()
        return _verdict(answer, is_whole=is_whole)

    @contextmanager
    def _connected(self, seconds: float) -> Iterator["_Connection"]:
        deadline = time.monotonic() + seconds
        try:
            with closing(self._connect()) as link:
                yield _Connection(link, deadline)
        except OSError as error:
            raise ScannerUnavailable(f"{type(error).__name__}: {error.strerror or error}"[:_MAX_WORDS]) from error

    def _connect(self) -> socket.socket:
        if self._path is None:
            return socket.create_connection((self._host, self._port), timeout=CONNECT_SECONDS)
        link = socket.socket(socket.AF_UNIX)
        try:
            link.settimeout(CONNECT_SECONDS)
            link.connect(self._path)
        except OSError:
            link.close()
            raise
        return link


class _Connection:
    """Sends and receives until a deadline, however slowly the other side goes."""

    def __init__(self, link: socket.socket, deadline: float) -> None:
        self._link, self._deadline = link, deadline

    def send(self, data: bytes) -> None:
        self._hurry()
        self._link.sendall(data)

    def send_file(self, file: IO[bytes]) -> bool:
        """False when clamd closed its ear before the end: its answer then says why."""
        try:
            self.send(b"zINSTREAM\0")
            while data := file.read(_CHUNK_BYTES):
                self.send(_LENGTH.pack(len(data)) + data)
            self.send(_LENGTH.pack(0))
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def answer(self) -> bytes:
        """One answer with its end mark and nothing after it."""
        answer = b""
        while len(answer) <= _MAX_ANSWER_BYTES:
            self._hurry()
            piece = self._link.recv(_MAX_ANSWER_BYTES)
            if not piece:
                break
            answer += piece
        if len(answer) > _MAX_ANSWER_BYTES or answer.count(b"\0") != 1 or not answer.endswith(b"\0"):
            raise ScannerUnavailable("the answer is cut short, or more than one")
        return answer[:-1]

    def _hurry(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no verdict in time")
        self._link.settimeout(left)


def _verdict(answer: bytes, *, is_whole: bool) -> Verdict:
    if answer == _CLEAN and is_whole:
        return Clean()
    words = answer.decode("utf-8", "replace")
    if found := _FOUND.fullmatch(words):
        signature = "".join(letter if letter.isprintable() else "?" for letter in found[1])[:_MAX_WORDS]
        return TooMuchToScan(signature) if signature.startswith(_LIMITS) else Found(signature)
    if _TOO_MUCH.fullmatch(words):
        return TooMuchToScan("StreamMaxLength")
    raise ScannerUnavailable("the answer to INSTREAM is no verdict" if is_whole else "it hung up in the middle")


def get_scanner() -> Clamd | None:
    """The scanner of this instance; None where it is switched off."""
    settings = get_settings()
    return Clamd(settings.clamd_url or "") if settings.scans else None


def find_local() -> str | None:
    """The URL of a clamd that answers on this machine, at one of the places where distributions put it."""
    for path in LOCAL_SOCKETS:
        if Path(path).is_socket():
            url = Path(path).as_uri().replace("file:", "unix:", 1)
            try:
                Clamd(url).version(seconds=CONNECT_SECONDS)
            except ScannerUnavailable:
                continue
            return url
    return None
