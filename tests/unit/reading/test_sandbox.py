"""The walls themselves, seen from outside while a child is at work."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clasio_backend.documents.reading import (
    Limits,
    ReaderUnavailable,
    Unreadable,
    linux,
    read_file,
    sandbox,
    shut_down,
    warm_up,
    wire,
)
from tests.made_documents import Made

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def children(pid: int):
    """Direct children, from /proc: no other test's processes are touched."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(pid) and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def until(condition: Callable[[], Any], seconds: float = 10.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def server_pid():
    warm_up()
    return sandbox._current["server"].process.pid


class Reading(threading.Thread):
    """A read in the background, with how it ended."""

    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__()
        self.path, self.limits, self.error = path, limits, None

    def run(self):
        try:
            read_file(self.path, DOCX, limits=self.limits)
        except (Unreadable, ReaderUnavailable) as error:
            self.error = error


@contextmanager
def slow_child(made: Made, **limits: Any) -> Iterator[tuple[Reading, int]]:
    """A child busy for many seconds."""
    server = server_pid()
    reading = Reading(made.slow_docx(), Limits(**{"wall_seconds": 20.0} | limits))
    reading.start()
    try:
        child = until(lambda: children(server))[0]
        until(lambda: not Path(f"/proc/{child}/fd/5").exists())  # its limits are on
        time.sleep(0.1)
        yield reading, child
    finally:
        shut_down()
        reading.join()


def test_a_child_sees_no_secret_and_no_file_but_its_own(made: Made, monkeypatch: pytest.MonkeyPatch):
    shut_down()
    monkeypatch.setenv("DATABASE_URL", "postgresql://clasio:hunter2@db/clasio")
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    with slow_child(made) as (_, child):
        proc = Path(f"/proc/{child}")
        for pid in (child, server_pid()):
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert b"hunter2" not in environment
            assert b"SECRET" not in environment
        names = {int(entry.name): str(entry.readlink()) for entry in (proc / "fd").iterdir()}
        assert sorted(names) == [0, 1, 2, 3, 4]
        assert {names[fd] for fd in (0, 1, 2)} == {"/dev/null"}
        status = dict(line.split(":\t", 1) for line in (proc / "status").read_text().splitlines() if ":\t" in line)
        assert status["NoNewPrivs"] == "1"
        if os.geteuid() == 0:
            assert set(status["Uid"].split()) in ({"59901"}, {"65534"})
            assert not status["Groups"].strip()
        limits = (proc / "limits").read_text()
        assert f"Max address space         {448 * 1024 * 1024}" in limits
        assert "Max core file size        0" in limits
        assert "Max file size             0" in limits
        if os.geteuid() == 0:
            assert f"Max processes             {linux.MAX_PROCESSES}" in limits


FORK_BOMB = """
import os, time
from clasio_backend.documents.reading import linux
if os.geteuid() == 0:  # a user of its own: what other tests read would count as well
    os.setgroups([])
    os.setresuid(61_357, 61_357, 61_357)
    linux._UNPRIVILEGED_USERS = (61_357,)
linux.limit_processes(has_own_namespace=linux.leave_network())
made = []
try:
    while len(made) < 2 * linux.MAX_PROCESSES:
        made.append(os.fork())
        if made[-1] == 0:
            time.sleep(60)
except BlockingIOError:
    print(len(made))
for child in made:
    os.kill(child, 9)
"""


def test_a_document_that_starts_processes_without_end_is_stopped():
    done = subprocess.run(
        [sys.executable, "-c", FORK_BOMB],
        env={"PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    assert 0 < int(done.stdout) < linux.MAX_PROCESSES


def test_a_child_has_no_network_where_the_kernel_allows_that(made: Made):
    probe = "from clasio_backend.documents.reading import linux; raise SystemExit(0 if linux.leave_network() else 1)"
    allowed = subprocess.run([sys.executable, "-c", probe], env={"PYTHONPATH": str(Path.cwd())}, check=False)
    with slow_child(made) as (_, child):
        apart = os.stat(f"/proc/{child}/ns/net").st_ino != os.stat("/proc/self/ns/net").st_ino  # noqa: PTH116
    assert apart is (allowed.returncode == 0)


@pytest.mark.parametrize(
    ("signal_sent", "code", "retryable"),
    [
        (signal.SIGSEGV, "crashed", False),
        (signal.SIGABRT, "too_complex", False),
        (signal.SIGXCPU, "timeout", False),
        (signal.SIGKILL, "reader_unavailable", True),
    ],
)
def test_however_a_child_dies_the_worker_lives(made: Made, signal_sent: signal.Signals, code: str, retryable: bool):
    with slow_child(made) as (reading, child):
        os.kill(child, signal_sent)
        reading.join()
    assert reading.error.code == code
    assert reading.error.retryable is retryable


def test_a_child_that_stands_still_is_killed(made: Made):
    with slow_child(made, wall_seconds=1.5) as (reading, child):
        os.kill(child, signal.SIGSTOP)
        reading.join()
        assert reading.error.code == "timeout"
        assert not Path(f"/proc/{child}").exists()


def test_a_child_that_computes_without_end_is_killed(made: Made):
    with slow_child(made, cpu_seconds=1) as (reading, _):
        reading.join()
    assert reading.error.code == "timeout"


def test_memory_that_runs_out_is_an_answer(made: Made):
    with pytest.raises(Unreadable) as caught:
        read_file(made.pdf_bomb(), "application/pdf", limits=Limits(memory_mb=150))
    assert caught.value.code == "too_complex"


def test_a_killed_server_is_started_again_and_the_file_read(made: Made):
    first = server_pid()
    os.kill(first, signal.SIGKILL)

    assert read_file(made.pdf("again"), "application/pdf").text == "again"
    assert server_pid() != first


def test_a_server_killed_at_work_takes_its_children_along_and_the_work_is_done_again(made: Made):
    with slow_child(made) as (reading, child):
        first = server_pid()
        os.kill(first, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{child}").exists())
        second = until(lambda: children(server_pid()))
        assert second != [child]
    assert reading.error is not None  # the second server was shut down by the test


def test_the_second_child_reads_from_the_beginning_what_the_first_had_read(made: Made):
    """As the fault suite found it: the file's end was all that was left, so the document had no text."""
    path = made.raw("long.txt", b"a line of many\n" * 500_000)
    with ThreadPoolExecutor(1) as pool:
        first = server_pid()
        reading = pool.submit(read_file, path, "text/plain", limits=Limits(max_chars=10_000_000))
        until(lambda: position_of_child(first) == path.stat().st_size)
        os.kill(first, signal.SIGKILL)
        assert reading.result().text.startswith("a line of many")
    assert server_pid() != first


def position_of_child(server: int) -> int:
    """How far into its document the child is."""
    for child in children(server):
        with suppress(OSError):
            return int(Path(f"/proc/{child}/fdinfo/3").read_text().split()[1])
    return 0


def test_a_server_that_hangs_is_replaced(made: Made, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sandbox, "_GRACE_SECONDS", 0.5)
    first = server_pid()
    os.kill(first, signal.SIGSTOP)

    result = read_file(made.pdf("calm"), "application/pdf", limits=Limits(wall_seconds=2.5))
    assert result.text == "calm"
    assert not Path(f"/proc/{first}").exists()


def test_nothing_outlives_a_worker_that_is_killed(made: Made):
    script = (
        "import sys, pathlib\n"
        "from clasio_backend.documents.reading import read_file, sandbox, warm_up\n"
        "warm_up(); print(sandbox._current['server'].process.pid, flush=True)\n"
        f"read_file(pathlib.Path(sys.argv[1]), {DOCX!r})\n"
    )
    command = [sys.executable, "-c", script, str(made.slow_docx())]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(Path.cwd())},
    ) as worker:
        assert worker.stdout is not None
        server = int(worker.stdout.readline())
        child = until(lambda: children(server))[0]
        worker.kill()
    until(lambda: not Path(f"/proc/{server}").exists() and not Path(f"/proc/{child}").exists())


def test_a_forked_worker_gets_a_server_of_its_own(made: Made):
    path, first = made.pdf("forked"), server_pid()
    pid = os.fork()
    if pid == 0:
        try:
            own = read_file(path, "application/pdf").text == "forked" and server_pid() != first
            shut_down()
            os._exit(0 if own else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert read_file(path, "application/pdf").text == "forked"
    assert server_pid() == first


def test_many_threads_share_one_server(made: Made):
    paths = [made.pdf(f"Page {number}", name=f"{number}.pdf") for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda path: read_file(path, "application/pdf").text, paths))

    assert texts == [f"Page {number}" for number in range(40)]
    until(lambda: not children(server_pid()))


def test_no_descriptor_leaks(made: Made):
    path = made.pdf("x")
    read_file(path, "application/pdf")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        read_file(path, "application/pdf")
        with pytest.raises(Unreadable):
            read_file(made.raw("a.pdf", b"%PDF-"), "application/pdf")

    assert len(list(Path("/proc/self/fd").iterdir())) == before


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 300))
def test_garbage_from_a_child_is_told_apart(tail: bytes, length: int):
    for data in (tail, b"CLA1" + length.to_bytes(4, "big") + tail):
        with pytest.raises(wire.Garbled):
            wire.decode(data)


@pytest.mark.parametrize(
    "member",
    [
        {"error": 5},
        {"error": "x" * 50},
        {"cause": "\n"},
        {"page_count": -1},
        {"page_count": True},
        {"page_count": 1.5},
        {"ocr": "maybe"},
        {"truncated": "yes"},
    ],
)
def test_an_answer_of_the_wrong_shape_is_garbage(member: dict[str, object]):
    sound = {"error": "", "cause": "", "page_count": 1, "ocr": "none", "truncated": False}

    assert wire.decode(packed(sound)).page_count == 1
    with pytest.raises(wire.Garbled):
        wire.decode(packed(sound | member))


def packed(header: dict[str, object]):
    body = wire.json.dumps(header).encode()
    return b"CLA1" + len(body).to_bytes(4, "big") + body
