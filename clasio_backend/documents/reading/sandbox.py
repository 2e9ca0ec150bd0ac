"""The worker's side of the fork server: start it, hand it files, believe nothing that comes back.

Safe to use from many threads, and after a fork of the process itself. Whatever happens to a child or to the server, a
call here ends with an answer or an error.
"""

import atexit
import contextlib
import dataclasses
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clasio_backend.documents.reading import wire
from clasio_backend.documents.reading.errors import MESSAGES, ReaderUnavailable, Unreadable
from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.zygote import OPEN_WALL, READY

_ROOT = Path(__file__).resolve().parents[3]
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[2]); "
    "from clasio_backend.documents.reading.zygote import main; main(int(sys.argv[1]))"
)
_PASSED_ON = ("PATH", "TESSDATA_PREFIX", "TZ")  # nothing else of the worker's environment reaches a parser
_START_SECONDS = 60.0
_GRACE_SECONDS = 10.0  # the server itself ends overdue children; past this, it is the server that hangs
_CHUNK_BYTES = 256 * 1024
_TOO_MUCH_MEMORY = frozenset({signal.SIGABRT, signal.SIGTRAP, signal.SIGILL})  # how pdfium ends when malloc fails


class _ServerGone(Exception):
    """The fork server ended or hangs; nothing is known about the file."""


@dataclass(frozen=True, slots=True)
class Run:
    """One child's answer, and what it cost: memory of the larger of parser and tesseract, time of both."""

    answer: wire.Answer
    max_rss_kb: int
    cpu_seconds: float


def run(path: Path, request: Mapping[str, Any], limits: Limits, *, max_bytes: int) -> Run:
    """Have a child work on the file at `path`; its payload may have `max_bytes`.

    Raises `Unreadable` where the file is to blame, `ReaderUnavailable` where Clasio or the machine is.
    """
    message = json.dumps({**request, "limits": dataclasses.asdict(limits)}).encode()
    for last_try in (False, True):
        server = _server()
        try:
            # Opened anew for each child: a descriptor shares its position, which the one before has moved to the end.
            with path.open("rb") as document:
                data, status = server.submit(message, document.fileno(), limits, max_bytes)
        except _ServerGone as error:
            if last_try or server.closed:  # closed: this process is shutting down
                _forget(server)
                raise ReaderUnavailable(str(error)) from error
            _forget(server)
            continue
        return _judge(data, status)
    raise ReaderUnavailable("unreachable")


def warm_up() -> None:
    """Start the fork server now, so that the first file does not wait for it (about a second)."""
    _server()


def standing_walls() -> frozenset[str]:
    """Which of `walls.NAMES` the kernel keeps around readers of this process; raises `ReaderUnavailable`."""
    return _server().walls


def shut_down() -> None:
    """End the fork server and its children; the next call starts another."""
    with _lock:
        server = _current.pop("server", None)
    if server is not None:
        server.close()


def _judge(data: bytes | None, status: Mapping[str, Any]) -> Run:
    if "not_started" in status:
        raise ReaderUnavailable(f"fork failed: errno {status['not_started']}")
    code, timed_out = status.get("exit"), status.get("timed_out")
    if timed_out or code == -signal.SIGXCPU:
        raise Unreadable("timeout")
    if data is None:
        raise Unreadable("crashed", cause="answer too long")
    if code == -signal.SIGKILL:
        raise ReaderUnavailable("child was killed from outside")  # the kernel short of memory, or an administrator
    if code == OPEN_WALL:
        raise ReaderUnavailable("child could not be shut in")
    if code and -code in _TOO_MUCH_MEMORY:
        raise Unreadable("too_complex", cause=f"signal {-code}")
    if code:
        raise Unreadable("crashed", cause=f"exit {code}")
    try:
        answer = wire.decode(data)
    except wire.Garbled as error:
        raise Unreadable("crashed", cause="garbled answer") from error
    if answer.error:
        raise Unreadable(answer.error if answer.error in MESSAGES else "broken", cause=answer.cause)
    return Run(answer, int(status.get("max_rss_kb", 0)), float(status.get("cpu_seconds", 0.0)))


class _Server:
    """One fork server process and the socket to it."""

    def __init__(self) -> None:
        self.owner_pid = os.getpid()
        self.closed = False
        self._sending = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {"LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", "-c", _BOOT, str(theirs.fileno()), str(_ROOT)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C in a terminal is the worker's to handle
            )
        self._control.settimeout(_START_SECONDS)
        try:
            ready, *walls = self._control.recv(200).decode().split()
        except (OSError, ValueError):
            ready, walls = "", []
        if ready != READY:
            self.close()
            raise ReaderUnavailable("the fork server did not start")
        self.walls = frozenset(walls)

    def submit(self, message: bytes, document: int, limits: Limits, max_bytes: int) -> tuple[bytes | None, Any]:
        """Raw bytes of the child (None: more than allowed) and the server's word on how it ended."""
        result, result_end = os.pipe()
        status, status_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with status:
                try:
                    with self._sending, status_end:
                        socket.send_fds(self._control, [message], [document, result_end, status_end.fileno()])
                except OSError as error:
                    raise _ServerGone("fork server ended") from error
                finally:
                    os.close(result_end)
                deadline = time.monotonic() + limits.wall_seconds + _GRACE_SECONDS
                return _collect(result, status, deadline, max_bytes + wire.MAX_HEADER_BYTES)
        finally:
            os.close(result)

    def close(self) -> None:
        self.closed = True
        self._control.close()  # end of file is its sign to go
        if self.owner_pid != os.getpid():
            self.process.returncode = 0  # a forked copy: the process is the parent's to wait for
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(2.0)
            return
        self.process.kill()
        self.process.wait()


def _collect(result: int, status: socket.socket, deadline: float, cap: int) -> tuple[bytes | None, Any]:
    os.set_blocking(result, False)
    poll = select.poll()
    poll.register(result, select.POLLIN)
    poll.register(status, select.POLLIN)
    data = bytearray()
    while True:
        left = deadline - time.monotonic()
        ready = dict(poll.poll(max(0.0, left) * 1000))
        if not ready:
            raise _ServerGone("fork server hangs")
        # The status is looked at first and the pipe drained after it: nothing is written once the child is dead.
        ended = _receive(status) if status.fileno() in ready else None
        if not _drain(result, data, cap):
            return None, {}  # hanging up makes the server kill the child
        if ended is not None:
            return bytes(data), ended
        if ready.get(result, 0) & select.POLLHUP and not ready[result] & select.POLLIN:
            poll.unregister(result)


def _drain(result: int, data: bytearray, cap: int) -> bool:
    with contextlib.suppress(BlockingIOError):
        while chunk := os.read(result, _CHUNK_BYTES):
            data += chunk
            if len(data) > cap:
                return False
    return True


def _receive(status: socket.socket) -> Any:
    message = status.recv(4096)
    if not message:
        raise _ServerGone("fork server ended")
    return json.loads(message)


_lock = threading.Lock()
_current: dict[str, _Server] = {}


def _server() -> _Server:
    with _lock:
        server = _current.get("server")
        if server is not None and server.owner_pid != os.getpid():
            server.close()
            server = None
        if server is None:
            server = _current["server"] = _Server()
        return server


def _forget(server: _Server) -> None:
    with _lock:
        if _current.get("server") is server:
            del _current["server"]
    with contextlib.suppress(ProcessLookupError):
        server.process.kill()  # it may hang rather than be gone
    server.close()


def _new_lock() -> None:
    """In a forked copy: the lock may have been held by a thread that exists no more."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_new_lock)
atexit.register(shut_down)
