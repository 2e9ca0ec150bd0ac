"""What a reader may ask of the kernel (seccomp): a filter that refuses the calls of `syscalls.FORBIDDEN`, and others by
what they are asked with.

It is a list of what is refused, not of what is allowed: libraries differ from one system to the next, and a call that
they need and that was not thought of would make documents unreadable. Calls newer than the list do not exist for a
reader. The filter stays through `execve`, so it holds for tesseract as well.
"""

import ctypes
import errno
import os
import platform
import sys
from collections.abc import Iterator

from clasio_backend.documents.reading.syscalls import FORBIDDEN, LAST_KNOWN, WITH_CONDITIONS

_LIBC = ctypes.CDLL(None, use_errno=True)
_COLUMNS = {"x86_64": 0, "aarch64": 1}
_AUDIT_NUMBERS = (0xC000003E, 0xC00000B7)
_SECCOMP = (317, 277)
_SET_MODE_FILTER, _ACTION_AVAILABLE = 1, 2
_SPEC_ALLOW = 4  # without it, older kernels slow the whole process down against Spectre
# The classic BPF machine: load a word, compare it, return.
_LOAD, _EQUALS, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where they are in what the filter looks at
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_NOT_PERMITTED, _NOT_THERE = _REFUSE | errno.EPERM, _REFUSE | errno.ENOSYS


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


_Step = tuple[int, int, int, int]
"""What to do, how many steps to skip when it is true, and when it is not, and with which value."""
_OWN_PROCESS: _Step = (_EQUALS, 1, 0, 0xFFFFFFFF)
"""The number of the process that puts the filter on is written in then; no process has this one."""


def _column() -> int | None:
    return _COLUMNS.get(platform.machine()) if sys.maxsize > 2**32 else None


def is_there() -> bool:
    """Whether the kernel can refuse calls, on an architecture whose numbers we know."""
    column = _column()
    if column is None:
        return False
    action = ctypes.c_uint32(_REFUSE)
    return bool(_LIBC.syscall(_SECCOMP[column], _ACTION_AVAILABLE, 0, ctypes.byref(action)) == 0)


class Filter:
    """Made once; `may_run` says whether another program may be run at all."""

    def __init__(self, *, may_run: bool) -> None:
        column = _column()
        if column is None:
            raise OSError(errno.ENOSYS, "unknown architecture")
        self._call = _SECCOMP[column]
        self._own = 0
        steps: list[_Step] = []
        for step in _steps(column, may_run=may_run):
            if step == _OWN_PROCESS:
                self._own = len(steps)
            steps.append(step)
        self._instructions = (_Instruction * len(steps))(*(_Instruction(*step) for step in steps))
        self._program = _Program(len(steps), ctypes.cast(self._instructions, ctypes.POINTER(_Instruction)))

    def put_on(self) -> None:
        """For this process and all that it starts, for good. Raises `OSError`."""
        self._instructions[self._own].value = os.getpid()
        for flags in (_SPEC_ALLOW, 0):
            if _LIBC.syscall(self._call, _SET_MODE_FILTER, flags, ctypes.byref(self._program)) == 0:
                return
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _steps(column: int, *, may_run: bool) -> Iterator[_Step]:
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _EQUALS, 1, 0, _AUDIT_NUMBERS[column]
    yield _RETURN, 0, 0, _KILL  # calls of another architecture have other numbers
    yield _LOAD, 0, 0, _NUMBER
    yield _AT_LEAST, 0, 1, LAST_KNOWN + 1  # those of x32 too, which begin at 0x40000000
    yield _RETURN, 0, 0, _NOT_THERE
    for numbers in FORBIDDEN.values():
        yield from _when(numbers[column], [(_RETURN, 0, 0, _NOT_PERMITTED)])
    for name, block in _CONDITIONS.items():
        yield from _when(WITH_CONDITIONS[name][column], block)
    if not may_run:
        yield from _when(WITH_CONDITIONS["execve"][column], [(_RETURN, 0, 0, _NOT_PERMITTED)])
    yield _RETURN, 0, 0, _ALLOW


def _when(number: int | None, block: list[_Step]) -> Iterator[_Step]:
    """The block for this call, which ends with an answer; other calls go on after it."""
    if number is not None:
        yield _EQUALS, 0, len(block), number
        yield from block


def _argument(index: int) -> int:
    """The lower half: the kernel takes no more of these arguments."""
    return _ARGUMENTS + 8 * index


def _refused_with(bits: int, argument: int) -> list[_Step]:
    return [
        (_LOAD, 0, 0, _argument(argument)),
        (_ANY_BIT, 0, 1, bits),
        (_RETURN, 0, 0, _NOT_PERMITTED),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _allowed_for(test: _Step, argument: int) -> list[_Step]:
    return [
        (_LOAD, 0, 0, _argument(argument)),
        test,
        (_RETURN, 0, 0, _NOT_PERMITTED),
        (_RETURN, 0, 0, _ALLOW),
    ]


_ZERO: _Step = (_EQUALS, 1, 0, 0)
_CONDITIONS: dict[str, list[_Step]] = {
    "clone": _refused_with(_NEW_NAMESPACES, 0),
    "clone3": [(_RETURN, 0, 0, _NOT_THERE)],  # what it asks for is behind a pointer; libraries then take clone
    "openat2": [(_RETURN, 0, 0, _NOT_THERE)],  # as well
    "open": _refused_with(_TO_WRITE, 1),
    "openat": _refused_with(_TO_WRITE, 2),
    "tgkill": _allowed_for(_OWN_PROCESS, 0),  # how abort() ends a process
    "prlimit64": _allowed_for(_ZERO, 0),  # its own limits
    "setpriority": [
        (_LOAD, 0, 0, _argument(0)),
        (_EQUALS, 0, 2, 0),  # of a process, not of all that a user has
        (_LOAD, 0, 0, _argument(1)),
        (_EQUALS, 1, 0, 0),  # itself
        (_RETURN, 0, 0, _NOT_PERMITTED),
        (_RETURN, 0, 0, _ALLOW),
    ],
}
