"""The fork server: imports every parser once, then forks one child for each file.

It runs as its own program with an environment made for it, so neither it nor its children ever held a secret. It never
touches a document itself. Started by `sandbox.py`; ends when its parent does.
"""

import contextlib
import gc
import json
import os
import resource
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from clasio_backend.documents.reading import linux, walls

READY = "ready"
"""Its first word to the worker; the names of the walls that stand follow."""
OPEN_WALL = 71
"""How a child ends that could not be shut in: nothing is known about its document."""
MAX_REQUEST_BYTES = 16 * 1024
_MAX_DESCRIPTORS = 512

Work = Callable[[dict[str, Any], int, int], None]


def main(control_fd: int) -> None:
    """Serve until the other end of `control_fd` closes or the parent process ends."""
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would load it: memory and threads, for nothing
    from clasio_backend.documents.reading import child  # noqa: PLC0415 - after numpy has been ruled out

    child.preload()
    parent = os.pidfd_open(os.getppid())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MAX_DESCRIPTORS, _MAX_DESCRIPTORS))
    # Before it becomes somebody else, who may not look into all the folders that the rules name; and they need
    # `forbid_new_privileges`.
    linux.forbid_new_privileges()
    shut = walls.build()
    namespace = linux.user_namespace()
    found = [*shut.names(), *([walls.NETWORK] if linux.leave_network() else [])]
    has_own_namespace = linux.user_namespace() != namespace
    linux.drop_root()
    linux.drop_capabilities()
    linux.limit_processes(has_own_namespace=has_own_namespace)
    linux.forbid_new_privileges()  # again: a change of the user makes it possible to look inside
    gc.collect()
    gc.freeze()  # children then copy fewer pages
    with socket.socket(fileno=control_fd) as control:
        server = _Server(control, parent, partial(child.run, shut))
        control.send(" ".join([READY, *found]).encode())
        try:
            server.serve()
        finally:
            server.kill_all()


@dataclass(slots=True)
class _Job:
    pid: int
    pidfd: int
    status: socket.socket
    deadline: float
    timed_out: bool = False


class _Server:
    """One thread, one loop: forking is then safe, and nobody else waits for these children."""

    def __init__(self, control: socket.socket, parent: int, work: Work) -> None:
        self._control, self._parent, self._work = control, parent, work
        self._pid = os.getpid()
        self._jobs: dict[int, _Job] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._selector.register(parent, selectors.EVENT_READ)

    def serve(self) -> None:
        while True:
            for key, _ in self._selector.select(self._patience()):
                if key.fileobj is self._control:
                    if not self._accept():
                        return
                elif key.fd == self._parent:
                    return
                elif key.data in self._jobs:
                    self._on_job(self._jobs[key.data], key.fd)
            self._kill_overdue()

    def kill_all(self) -> None:
        for job in self._jobs.values():
            _kill_group(job.pid)

    def _patience(self) -> float | None:
        if not self._jobs:
            return None
        return max(0.0, min(job.deadline for job in self._jobs.values()) - time.monotonic())

    def _accept(self) -> bool:
        """Start one job; False when the parent has gone."""
        data, descriptors, _, _ = socket.recv_fds(self._control, MAX_REQUEST_BYTES, 3)
        if not data:
            return False
        document, result, status_fd = descriptors
        status = socket.socket(fileno=status_fd)
        request = json.loads(data)
        try:
            pid = os.fork()
        except OSError as error:
            _tell(status, {"not_started": error.errno})
            status.close()
            _close(document, result)
            return True
        if pid == 0:
            self._be_child(request, document, result)
        with contextlib.suppress(OSError):  # the child does it too: whoever comes first
            os.setpgid(pid, pid)
        _close(document, result)
        job = _Job(pid, os.pidfd_open(pid), status, time.monotonic() + float(request["limits"]["wall_seconds"]))
        self._jobs[pid] = job
        self._selector.register(job.pidfd, selectors.EVENT_READ, pid)
        self._selector.register(status, selectors.EVENT_READ, pid)
        return True

    def _be_child(self, request: dict[str, Any], document: int, result: int) -> None:
        try:
            linux.die_with_parent()
            if os.getppid() != self._pid:
                return  # the server died before that took hold
            self._selector.close()
            self._work(request, document, result)
        except walls.DoesNotHold:
            os._exit(OPEN_WALL)
        finally:
            os._exit(0)

    def _on_job(self, job: _Job, ready_fd: int) -> None:
        if ready_fd != job.pidfd:
            _kill_group(job.pid)  # the parent hung up: it no longer wants the answer
            self._selector.unregister(job.status)
            return
        _kill_group(job.pid)  # what it left behind, before its number is free again
        _, code, usage = os.wait4(job.pid, 0)
        status: dict[str, Any] = {"exit": os.waitstatus_to_exitcode(code), "timed_out": job.timed_out}
        _tell(job.status, status | {"max_rss_kb": usage.ru_maxrss, "cpu_seconds": usage.ru_utime + usage.ru_stime})
        self._selector.unregister(job.pidfd)
        with contextlib.suppress(KeyError):
            self._selector.unregister(job.status)
        os.close(job.pidfd)
        job.status.close()
        del self._jobs[job.pid]

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for job in self._jobs.values():
            if now >= job.deadline:
                job.timed_out = True
                job.deadline = now + 5.0  # not again at once; the process is on its way out
                _kill_group(job.pid)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)


def _tell(status: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        status.send(json.dumps(message).encode())


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
