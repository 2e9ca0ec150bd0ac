"""Which files a reader may open: a few folders to read, a program or two to run, and nothing else (Landlock, Linux
5.13 and newer). With it no TCP (6.7), and no signal to anybody outside (6.12).

The rules are made once in the fork server. Each child puts them on for itself alone, which takes some microseconds, so
that one child can do as little to its siblings as to the worker. What is open already stays open.
"""

import ctypes
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ASK_FOR_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE
_KINDS = {1: 13, 2: 14, 3: 15, 5: 16}
"""By version, how many kinds of access to files the kernel can refuse; later ones are further bits."""
_TCP_FROM, _BOTH_KINDS_OF_TCP = 4, 0b11
_SCOPES_FROM, _SOCKETS_AND_SIGNALS = 6, 0b11


class _Attributes(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Rule(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Of the kernel's Landlock; 0 where there is none, or it is switched off."""
    return max(0, int(_LIBC.syscall(_CREATE_RULESET, None, 0, _ASK_FOR_VERSION)))


class Ruleset:
    """Everything that can be refused is, but what the three lists allow. Paths that are not there are left out."""

    def __init__(self, reading: Iterable[Path], running: Iterable[Path], writing: Iterable[Path]) -> None:
        found = version()
        kinds = max(count for since, count in _KINDS.items() if since <= found)
        attributes = _Attributes(
            files=(1 << kinds) - 1,
            network=_BOTH_KINDS_OF_TCP if found >= _TCP_FROM else 0,
            scopes=_SOCKETS_AND_SIGNALS if found >= _SCOPES_FROM else 0,
        )
        size = 8 if found < _TCP_FROM else 16 if found < _SCOPES_FROM else 24  # what that kernel knows of it
        self._rules = _checked(_LIBC.syscall(_CREATE_RULESET, ctypes.byref(attributes), size, 0))
        for path in reading:
            self._allow(path, _READ_FILE | _READ_DIR)
        for path in running:
            self._allow(path, _READ_FILE | _EXECUTE)
        for path in writing:
            self._allow(path, _READ_FILE | _WRITE_FILE)

    def _allow(self, path: Path, access: int) -> None:
        with _named(path) as descriptor:
            if descriptor is None:
                return
            allowed = access if path.is_dir() else access & _OF_FILES
            rule = _Rule(allowed, descriptor)
            _checked(_LIBC.syscall(_ADD_RULE, self._rules, _PATH_BENEATH, ctypes.byref(rule), 0))

    def put_on(self) -> None:
        """For this process and all that it starts, for good. Raises `OSError`."""
        _checked(_LIBC.syscall(_RESTRICT_SELF, self._rules, 0))


@contextmanager
def _named(path: Path) -> Iterator[int | None]:
    """A descriptor that only names the path; None where it is not there."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
