"""Keeps processes running: starts them, restarts what dies (with growing pauses), stops all of them in order."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Protocol

from clasio_backend.cli.embedded.guardian import Guardian
from clasio_backend.cli.embedded.process import kill_group, spawn, wait_or_kill

FIRST_PAUSE_SECONDS = 0.3
LAST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
STOP_SECONDS = 25.0
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Program:
    """A process of ours, crash-safe by design, so it may be killed when the supervisor dies."""

    name: str
    command: Sequence[str]


@dataclass(slots=True)
class _Child:
    start: Callable[[], subprocess.Popen[bytes]]
    name: str
    is_server: bool
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    not_before: float = field(default=0.0)


class Server(Protocol):
    """What the supervisor needs of an embedded server."""

    process: subprocess.Popen[bytes] | None

    def start(self) -> None: ...


class Supervisor:
    """`say` gets a sentence for people whenever something died and was started again."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._children: list[_Child] = []
        self._guardian = Guardian()
        self._stopping = False

    def add_server(self, name: str, server: Server) -> None:
        """A server that was started already; it is started again by its own `start`."""

        def start() -> subprocess.Popen[bytes]:
            server.start()
            return _running(server)

        self._children.append(
            _Child(start, name, is_server=True, process=_running(server), started_at=time.monotonic())
        )

    def add_program(self, program: Program, environment: Mapping[str, str], output: IO[bytes] | None) -> None:
        def start() -> subprocess.Popen[bytes]:
            return spawn(program.command, dies_by=signal.SIGKILL, environment=environment, output=output)

        self._children.append(
            _Child(start, program.name, is_server=False, process=start(), started_at=time.monotonic())
        )
        self._guard()

    def _programs(self) -> list[_Child]:
        return [child for child in self._children if not child.is_server]

    def _guard(self) -> None:
        self._guardian.watch_over(child.process.pid for child in self._programs() if child.process is not None)

    def ask_to_stop(self) -> None:
        self._stopping = True

    @property
    def is_stopping(self) -> bool:
        return self._stopping

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Watches over the processes until `ask_to_stop`, or until `until` says so."""
        while not self._stopping and not until():
            for child in self._children:
                self._look_after(child)
            self._guard()
            time.sleep(LOOK_SECONDS)

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is not None:
            status = child.process.poll()
            if status is None:
                if now - child.started_at > STEADY_SECONDS:
                    child.failures = 0
                return
            kill_group(child.process.pid)  # helpers would get in the way of the next one: the web's build, a reader
            pause = min(LAST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**child.failures)
            child.process, child.failures, child.not_before = None, child.failures + 1, now + pause
            self._say(f"{child.name} ended ({_reason(status)}) and is started again.")
        if now >= child.not_before and not self._stopping:
            try:
                child.process, child.started_at = child.start(), time.monotonic()
            except Exception as error:  # noqa: BLE001  # whatever keeps it from starting now, it is tried again
                child.failures += 1
                child.not_before = now + min(LAST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**child.failures)
                self._say(f"{child.name} did not start: {error}")

    def stop_programs(self) -> None:
        """Asks all programs to end at once, waits for them, then ends those that did not; servers are their maker's.

        Each is asked once: a second signal tells a worker to drop the job in its hands.
        """
        processes = [child.process for child in self._programs() if child.process is not None]
        for process in processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in processes:
            wait_or_kill(process, max(0.1, deadline - time.monotonic()))
        self._guardian.stop()


def _running(server: Server) -> subprocess.Popen[bytes]:
    if server.process is None:
        raise RuntimeError("the server was not started")
    return server.process


def _reason(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit {status}"
