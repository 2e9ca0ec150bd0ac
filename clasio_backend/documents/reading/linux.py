"""The few kernel calls that Python 3.11 has no function for. Each is an extra wall: where refused, the rest stands."""

import ctypes
import os
import platform
import re
import resource
import signal
from contextlib import suppress
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CAPABILITY_VERSION = 0x20080522
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
# A user that nothing else runs as: the embedded Postgres may well be `nobody`, and one user's processes can stop each
# other. Where a container does not map that number, `nobody` is still better than root.
_UNPRIVILEGED_USERS = (59_901, 65_534)
MAX_PROCESSES = 256
"""Of all readers together: each worker has a few, and a document that starts its own should not fill the machine."""
_COUNTS_BY_NAMESPACE = (5, 14)
"""The Linux since which a user namespace counts its own processes only."""


def die_with_parent() -> None:
    """Be killed when the process (thread) that made this one ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def forbid_new_privileges() -> None:
    """No set-uid program can raise what this process may do; no core is dumped, no sibling may look inside."""
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def leave_network() -> bool:
    """Move into an empty network of our own; False where the kernel does not allow it (many containers)."""
    if _LIBC.unshare(_CLONE_NEWNET) == 0:
        return True
    return bool(_LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def drop_capabilities() -> None:
    """Of what root may do, nothing: a network of our own came with all of it, inside a namespace of users."""
    header, nothing = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
    _LIBC.capset(ctypes.byref(header), ctypes.byref(nothing))


def drop_root() -> None:
    """Become nobody in particular when started as root: the worker's files and memory are then out of reach."""
    for user in _UNPRIVILEGED_USERS:
        if os.geteuid() != 0:
            return
        with suppress(OSError):  # a container without CAP_SETUID, or without this number
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)


def user_namespace() -> int:
    """Which one this process is in."""
    return Path("/proc/self/ns/user").stat().st_ino


def limit_processes(*, has_own_namespace: bool) -> bool:
    """At most `MAX_PROCESSES` from now on; False where the limit would count what is not ours, and so none is set.

    The kernel counts by user, and in a namespace of our own only what is in there.
    """
    is_alone = os.geteuid() == _UNPRIVILEGED_USERS[0] or (has_own_namespace and _release() >= _COUNTS_BY_NAMESPACE)
    if is_alone:
        resource.setrlimit(resource.RLIMIT_NPROC, (MAX_PROCESSES, MAX_PROCESSES))
    return is_alone


def _release() -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", platform.release())[:2])
