"""A fork server whose parsers are taken over by their documents: a document is a program, and runs in the child.

Everything else is the real thing: the same server, limits and walls. `without` names what the kernel is to lack.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from clasio_backend.documents.reading import Limits, sandbox

BOOT = """
import sys; sys.path.insert(0, sys.argv[2])
import ctypes, errno, json, os, signal, socket, time
from dataclasses import replace
from clasio_backend.documents.reading import child, landlock, seccomp, zygote
for name in {without!r}:
    if name == "files":
        landlock.version = lambda: 0
    if name == "calls":
        seccomp.is_there = lambda: False
LIBC = ctypes.CDLL(None, use_errno=True)

def tried(action):
    try:
        return ["done", repr(action())]
    except OSError as error:
        return ["refused", errno.errorcode.get(error.errno, str(error.errno))]

def call(number, *arguments):
    result = LIBC.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
    return result

def taken_over(request, file, limits):
    names = dict(globals())
    exec(file.read().decode(), names)
    return replace(child._NO_ANSWER, payload=json.dumps(names["found"]).encode())

if {runs!r}:
    child._answer = taken_over
zygote.main(int(sys.argv[1]))
"""


@contextmanager
def reader(monkeypatch: pytest.MonkeyPatch, *, without: tuple[str, ...] = (), runs: bool = True) -> Iterator[None]:
    """While it lasts, this process's documents go to such a server; with `runs` off, honest parsers read them."""
    sandbox.shut_down()
    monkeypatch.setattr(sandbox, "_BOOT", BOOT.format(without=without, runs=runs))
    try:
        yield
    finally:
        sandbox.shut_down()
        monkeypatch.undo()


def run(folder: Path, program: str) -> Any:
    """What the document, a Python program, leaves in `found`. It knows this process as `WORKER`."""
    path = folder / "document.py"
    path.write_text(f"WORKER = {os.getpid()}\nPARENT = os.getppid()\n{program}")
    request = {"task": "text", "mime_type": "text/plain"}
    return json.loads(sandbox.run(path, request, Limits(), max_bytes=1_000_000).answer.payload)
