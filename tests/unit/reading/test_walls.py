"""What a reader that its document has taken over can do: real children, each trying it. Proven for the kernel that the
tests run on, with both walls; where one alone must do, with that one alone.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from clasio_backend.cli import doctor
from clasio_backend.documents.reading import landlock, read_file, sandbox, seccomp, walls
from clasio_backend.documents.reading.syscalls import FORBIDDEN, LAST_KNOWN, WITH_CONDITIONS
from clasio_backend.ops.problems import find_problems
from clasio_backend.ops.schemas import ProblemRow, ScannerRow
from tests.made_documents import Made
from tests.unit.reading.taken_over import reader, run
from tests.unit.reading.test_sandbox import until

SOCKETS = """
found = {
    **{name: tried(lambda: socket.socket(getattr(socket, name))) for name in ("AF_INET", "AF_INET6", "AF_UNIX")},
    "AF_NETLINK": tried(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
    "pair": tried(socket.socketpair),
    "io_uring": tried(lambda: call(425, 8, ctypes.create_string_buffer(120))),
}
"""
FILES = """
places = ["/etc/passwd", "/etc/hostname", "/proc/self/environ", f"/proc/{{WORKER}}/environ", f"/proc/{{PARENT}}/mem",
          "/proc/mounts", "/dev/mem", "/bin/sh", {secret!r}, {other!r}, "/", "/tmp", {folder!r}]
found = {{place: tried(lambda: os.open(place, os.O_RDONLY)) for place in places}}
"""
CHANGES = """
found = {{
    "write": tried(lambda: os.open({secret!r}, os.O_WRONLY)),
    "append": tried(lambda: os.open({secret!r}, os.O_RDWR | os.O_APPEND)),
    "make": tried(lambda: os.open({folder!r} + "/new", os.O_WRONLY | os.O_CREAT)),
    "shared memory": tried(lambda: os.open("/dev/shm/clasio-test", os.O_RDWR | os.O_CREAT)),
    "cut": tried(lambda: os.truncate({secret!r}, 0)),
    "remove": tried(lambda: os.unlink({secret!r})),
    "rename": tried(lambda: os.rename({secret!r}, {secret!r} + ".old")),
    "mode": tried(lambda: os.chmod({secret!r}, 0o777)),
    "times": tried(lambda: os.utime({secret!r})),
    "link": tried(lambda: os.symlink({secret!r}, {folder!r} + "/link")),
}}
"""
PROGRAMS = """
def program(*words):
    child = os.fork()
    if child == 0:
        try:
            os.execv(words[0], words)
        except OSError as error:
            os._exit(error.errno)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return ["refused", errno.errorcode[code]] if code else ["done", words[0]]

found = {path: program(path, "-c", "exit 0") for path in ("/bin/sh", sys.executable, "/usr/bin/env")}
found["out of memory"] = tried(lambda: call(319, b"program", 0))
found["tesseract"] = program("TESSERACT", "--version")
"""
PROCESSES = """
found = {
    "signal to the worker": tried(lambda: os.kill(WORKER, 0)),
    "signal to the server": tried(lambda: os.kill(PARENT, signal.SIGTERM)),
    "signal to all": tried(lambda: os.kill(-1, 0)),
    "thread's signal": tried(lambda: call(234, PARENT, PARENT, 0)),
    "by descriptor": tried(lambda: os.pidfd_open(WORKER)),
    "trace": tried(lambda: call(101, 16, PARENT, 0, 0)),
    "be traced": tried(lambda: call(101, 0, 0, 0, 0)),
    "read memory": tried(lambda: call(310, PARENT, 0, 0, 0, 0, 0)),
    "limits": tried(lambda: __import__("resource").prlimit(WORKER, 4, (0, 0))),
    "priority": tried(lambda: os.setpriority(os.PRIO_PROCESS, WORKER, 19)),
    "own group": tried(os.setsid),
    "namespace": tried(lambda: call(272, 0x10000000)),
    "namespace by clone": tried(lambda: call(56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)),
    "mount": tried(lambda: call(165, b"none", b"/tmp", b"tmpfs", 0, 0)),
    "root": tried(lambda: os.setuid(0)),
    "later than the list": tried(lambda: call(LATER, 0, 0, 0)),
}
"""
SIGNALS = """
found = {
    "signal to the worker": tried(lambda: os.kill(WORKER, 0)),
    "signal to the server": tried(lambda: os.kill(PARENT, signal.SIGTERM)),
    "trace": tried(lambda: call(101, 16, PARENT, 0, 0)),
}
"""
ITSELF = """
import resource
found = {
    "limits": tried(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10))),
    "priority": tried(lambda: os.nice(1)),
    "memory": tried(lambda: len(bytes(1_000_000))),
    "thread": tried(lambda: __import__("threading").Thread(target=time.sleep, args=(0,)).start()),
    "random": tried(lambda: len(os.urandom(8))),
    "libraries": tried(lambda: len(os.listdir("/usr/lib")) > 9),
}
"""


@pytest.fixture
def places(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A secret that everybody could read, and another job's file, as far as the file system is asked."""
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents:
        if os.geteuid() == 0 and parent.is_relative_to("/tmp") and parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o555)
    found = {}
    for name in ("secret", "other"):
        path = tmp_path / name
        path.write_text("hunter2")
        path.chmod(0o666)
        found[name] = str(path)
    yield found | {"folder": str(tmp_path)}
    assert [Path(found[name]).read_text() for name in ("secret", "other")] == ["hunter2", "hunter2"]
    assert Path(found["secret"]).stat().st_mode & 0o777 == 0o666


def refused(found: dict[str, list[str]], *answers: str) -> bool:
    """Whether everything was refused, in one of these ways."""
    assert {name: how for name, how in found.items() if how[0] != "refused" or how[1] not in answers} == {}
    return True


def test_this_kernel_has_all_of_it() -> None:
    """So that what is proven below is proven here, and not left out."""
    assert sandbox.standing_walls() >= {walls.FILES, walls.CALLS}
    assert landlock.version() >= 6


def test_no_socket_can_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with reader(monkeypatch):
        assert refused(run(tmp_path, SOCKETS), "EPERM")


@pytest.mark.parametrize("without", [(), ("calls",)], ids=["both", "landlock alone"])
def test_no_file_but_its_own_can_be_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, places: dict[str, str], without: tuple[str, ...]
) -> None:
    with reader(monkeypatch, without=without):
        found = run(tmp_path, FILES.format_map(places))
    assert refused(found, "EACCES", "EPERM", *(["ENOENT"] if not Path("/dev/mem").exists() else []))
    assert found[places["secret"]] == ["refused", "EACCES"]


@pytest.mark.parametrize("without", [(), ("calls",), ("files",)], ids=["both", "landlock alone", "seccomp alone"])
def test_nothing_can_be_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, places: dict[str, str], without: tuple[str, ...]
) -> None:
    program = CHANGES.format_map(places)
    if without == ("calls",):  # Landlock does not look at these; where it is alone, the user of their own does
        program = "".join(line for line in program.splitlines(True) if '"mode"' not in line and '"times"' not in line)
    with reader(monkeypatch, without=without):
        assert refused(run(tmp_path, program), "EACCES", "EPERM")


def test_no_program_can_be_run_but_tesseract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tesseract = shutil.which("tesseract")
    assert tesseract is not None
    with reader(monkeypatch):
        found = run(tmp_path, PROGRAMS.replace("TESSERACT", tesseract))
    assert found.pop("tesseract") == ["done", tesseract]
    assert refused(found, "EACCES", "EPERM")


def test_no_other_process_can_be_reached(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with reader(monkeypatch):
        found = run(tmp_path, f"LATER = {LAST_KNOWN + 1}\n{PROCESSES}")
    assert found.pop("later than the list") == ["refused", "ENOSYS"]
    assert refused(found, "EPERM")


def test_landlock_alone_keeps_signals_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with reader(monkeypatch, without=("calls",)):
        assert refused(run(tmp_path, SIGNALS), "EPERM")


def test_what_a_reader_needs_is_left_to_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with reader(monkeypatch):
        found = run(tmp_path, ITSELF)
    assert {name: how for name, how in found.items() if how[0] != "done"} == {}


def test_what_it_started_ends_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It cannot leave the group that is killed."""
    with reader(monkeypatch):
        left = run(tmp_path, "found = os.fork()\nif found == 0:\n    tried(os.setsid)\n    time.sleep(600)")
        until(lambda: not is_running(left))


def is_running(process: int) -> bool:
    """A killed process may be there for a moment, until it has its turn, or until somebody has asked how it ended."""
    try:
        return "Z (zombie)" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("without", [("files",), ("calls",), ("files", "calls")], ids=" ".join)
def test_documents_are_read_where_the_kernel_has_less(
    monkeypatch: pytest.MonkeyPatch, made: Made, without: tuple[str, ...]
) -> None:
    with reader(monkeypatch, without=without, runs=False):
        assert read_file(made.pdf("as ever"), "application/pdf").text == "as ever"
        assert sandbox.standing_walls().isdisjoint(without)


def test_a_tesseract_that_the_walls_would_stop_is_run_without_them(
    monkeypatch: pytest.MonkeyPatch, made: Made, tmp_path: Path
) -> None:
    """Here a script: the shell that it needs is not among what may be run. Reading comes first; the doctor tells."""
    tesseract = shutil.which("tesseract")
    script = tmp_path / "tesseract"
    script.write_text(f'#!/bin/sh\nexec {tesseract} "$@"\n')
    for path in (script, *script.parents):
        if path.is_relative_to("/tmp") and path != Path("/tmp"):
            path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    sandbox.shut_down()
    try:
        assert sandbox.standing_walls() >= {walls.CALLS}
        assert walls.FILES not in sandbox.standing_walls()
        assert "pangolin" in read_file(made.picture("A pangolin of the north"), "image/png").text
    finally:
        sandbox.shut_down()


def test_the_doctor_says_what_the_kernel_leaves_open(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor._readers().is_well
    with reader(monkeypatch, without=("files",), runs=False):
        finding = doctor._readers()
    assert not finding.is_well
    assert "every file that their user may read" in finding.says
    assert "Landlock" in finding.fix


def test_ops_says_what_the_kernel_leaves_open() -> None:
    assert walls.in_words({walls.FILES, walls.CALLS}) == ""  # without a network of its own no socket is to be had
    (problem,) = [row for row in problems_of(walls.in_words({walls.NETWORK})) if row.code == "readers_open"]
    assert (problem.tone, "and readers may ask everything of the kernel" in problem.says) == ("warn", True)


def problems_of(open_ways: str) -> tuple[ProblemRow, ...]:
    scanner = ScannerRow(is_on=False, version=None, waiting=0, oldest_at=None, not_scanned=0)
    return find_problems([], [], [], [], scanner, open_ways)


def numbers_of(header: Path) -> dict[str, int]:
    text = header.read_text() if header.exists() else ""
    defined = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)$", text, re.MULTILINE)
    return {name: int(number) for name, number in defined}


def test_the_numbers_are_those_of_the_kernels_headers() -> None:
    headers = (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm-generic/unistd.h"))
    for column, header in enumerate(headers):
        there = numbers_of(header)
        for name, numbers in (FORBIDDEN | WITH_CONDITIONS).items():
            assert name not in there or numbers[column] == there[name], name
    assert all(number is None or number <= LAST_KNOWN for numbers in FORBIDDEN.values() for number in numbers)


def test_no_call_answers_before_the_filter_has_looked_at_all_of_it() -> None:
    """Each step leads forward, to a step that is there, and the last one answers."""
    for column in range(2):
        steps = list(seccomp._steps(column, may_run=False))
        for number, (code, if_true, if_false, _) in enumerate(steps):
            if code in {seccomp._EQUALS, seccomp._AT_LEAST, seccomp._ANY_BIT}:
                assert max(if_true, if_false) < min(256, len(steps) - number - 1)
        assert steps[-1] == (seccomp._RETURN, 0, 0, seccomp._ALLOW)
