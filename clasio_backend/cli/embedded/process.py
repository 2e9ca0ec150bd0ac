"""Starting child processes that never outlive us, and finding those of an earlier life."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    command: Sequence[str | Path],
    *,
    dies_by: signal.Signals,
    output: IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    """Starts `command` in a session of its own; the kernel sends it `dies_by` when we die, even by kill -9."""
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=dict(environment) if environment is not None else None,
        user=user,
        group=_group_of(user),
        extra_groups=[] if user else None,
        cwd="/" if user else None,
        start_new_session=True,
        preexec_fn=_tie_to_parent(dies_by, os.getpid()),  # noqa: PLW1509  # we start processes from one thread
    )


def _group_of(user: str | None) -> int | None:
    if user is None:
        return None
    import pwd  # noqa: PLC0415  # not on every system, and only root needs it

    return pwd.getpwnam(user).pw_gid


def _tie_to_parent(number: signal.Signals, parent: int) -> Callable[[], None]:
    def tie() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(number))
            if os.getppid() != parent:  # the parent died in between
                os._exit(1)

    return tie


def stop(process: subprocess.Popen[bytes], number: signal.Signals, seconds: float) -> None:
    """Asks a child to end, and ends it with its whole session when it does not."""
    if process.poll() is None:
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_orphan(pid_file: Path, mark: str, number: signal.Signals, seconds: float = 20) -> None:
    """Ends the server of an earlier life that `pid_file` names, if it still runs and its command line holds `mark`.

    A process id may have been given to somebody else since: without the mark nothing is touched.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except (OSError, ValueError, IndexError):
        return
    if mark not in command:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        until = time.monotonic() + seconds
        while Path(f"/proc/{pid}").exists() and not _is_zombie(pid):
            if time.monotonic() > until:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def free_port(preferred: int | None = None) -> int:
    """A free TCP port on this machine: `preferred` when it is free."""
    for port in (preferred or 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("There is no free port on this machine.")


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Waits for `ready`; False when the process ends first or the time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        if ready():
            return True
        time.sleep(0.05)
    return False
