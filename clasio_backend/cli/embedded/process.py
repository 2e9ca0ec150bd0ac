"""Starting child processes that never outlive us, and finding those of an earlier life."""

import contextlib
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_FIRST_PORT, _PORTS = 20_000, 10_000
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
        cwd="/" if user else None,  # ours may be closed to `user`
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
    """Asks a child to end, and ends it with its whole group when it does not."""
    if process.poll() is None:
        process.send_signal(number)
    wait_or_kill(process, seconds)


def wait_or_kill(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Gives a child that was asked to end `seconds` to do so, then ends what is left of its group."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    kill_group(process.pid)
    process.wait()


def end_orphan(pid_file: Path, mark: str, number: signal.Signals, seconds: float = 20) -> None:
    """Ends the server of an earlier life that `pid_file` names, if it still runs and its command line holds `mark`.

    A process id may have been given to somebody else since: such a file is removed, and nobody is touched.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return
    command = command_line(pid)
    if command is None:
        return  # gone: the server itself looks at what such a file says about shared memory
    if mark not in command:
        pid_file.unlink(missing_ok=True)
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        until = time.monotonic() + seconds
        while command_line(pid) is not None:
            if time.monotonic() > until:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)


def command_line(pid: int) -> str | None:
    """What the process runs; None when there is none, or only a zombie that nobody has waited for."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace") or None
        except OSError:
            return None
    listed = subprocess.run(
        ["/bin/ps", "-ww", "-o", "stat=,command=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    status, _, command = listed.stdout.strip().partition(" ")
    return None if not status or status.startswith("Z") else command


def kill_group(pid: int) -> None:
    """Ends what a process that led its own group has left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def free_port(preferred: int | None = None) -> int:
    """A free TCP port on this machine: `preferred` when it is free.

    Others lie below the range that the system gives to clients. There, a client that tries again and again while the
    server restarts can be given the server's own port, connect to itself, and keep the server out.
    """
    for port in (preferred, *(_FIRST_PORT + secrets.randbelow(_PORTS) for _ in range(50)), 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("There is no free port on this machine.")


def open_log(path: Path, most_bytes: int = 20_000_000) -> IO[bytes]:
    """A log file for this user alone, to append to; one that has grown too long is kept as `<name>.1` first."""
    if path.exists() and path.stat().st_size > most_bytes:
        path.replace(path.with_name(f"{path.name}.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Waits for `ready`; False when the process ends first or the time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        if ready():
            return True
        time.sleep(0.05)
    return False
