"""What the kernel keeps a reader from, besides the limits and the user of its own: `landlock` and `seccomp`.

Found out once, when the fork server starts, by a child that puts both on. Where the kernel refuses (macOS, old kernels,
some containers), documents are read all the same, and `./clasio doctor` and the page Ops say what is missing.
"""

import glob
import os
import shutil
import sysconfig
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from clasio_backend.documents.reading import landlock, seccomp

FILES, CALLS, NETWORK = "files", "calls", "network"
"""The last is a network without a way out, which the fork server has; without it sockets are refused all the same."""
WANTED = {
    FILES: "readers may look at every file that their user may read",
    CALLS: "readers may ask everything of the kernel",
}
HOW_TO_MEND = (
    "Use Linux 5.13 or newer with Landlock (lsm=…,landlock) and seccomp, on x86-64 or arm64, a container that forbids "
    "neither, and a tesseract that is no script."
)
_NOTHING = Path(os.devnull)
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/etc/ld.so.cache")
_FONTS_AND_TIMES = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/zoneinfo", "/etc/localtime")
_LOADERS = ("/lib/ld-*", "/lib64/ld-*", "/lib/*/ld-*", "/nix/store/*-glibc-*/lib/ld-*")


class DoesNotHold(Exception):
    """What held when the fork server started does so no more: no document is read then."""


@dataclass(frozen=True, slots=True)
class Walls:
    """Both are put on by each child for itself; None where the kernel has it not."""

    files: landlock.Ruleset | None
    calls: seccomp.Filter | None

    def shut_files(self) -> None:
        """Raises `DoesNotHold`."""
        _put_on(self.files)

    def shut_calls(self) -> None:
        """Last: it forbids what the steps before it need. Raises `DoesNotHold`."""
        _put_on(self.calls)

    def names(self) -> list[str]:
        return [name for name, wall in ((FILES, self.files), (CALLS, self.calls)) if wall is not None]


def _put_on(wall: landlock.Ruleset | seccomp.Filter | None) -> None:
    try:
        if wall is not None:
            wall.put_on()
    except OSError as error:
        raise DoesNotHold from error


def in_words(standing: Collection[str]) -> str:
    """What the walls that stand leave open; empty when that is nothing."""
    missing = [words for name, words in WANTED.items() if name not in standing]
    return f"The kernel shuts less out than it could: {' and '.join(missing)}." if missing else ""


def build() -> Walls:
    """Those that hold on this machine. Called before the fork server becomes somebody who may see less."""
    tesseract = shutil.which("tesseract")
    program = Path(tesseract).resolve() if tesseract else None
    files = calls = None
    if landlock.version():
        files = landlock.Ruleset(_to_read(program), _to_run(program), [_NOTHING])
    if seccomp.is_there():
        calls = seccomp.Filter(may_run=program is not None)
    # One that does not run anyway says nothing about the walls.
    tried = program if program is not None and _holds(lambda: None, program) else None
    return Walls(
        files if files is not None and _holds(files.put_on, tried) else None,
        calls if calls is not None and _holds(calls.put_on, tried) else None,
    )


def _to_read(program: Path | None) -> Iterator[Path]:
    """Python and its packages, libraries, fonts, and what tesseract has learnt; no folder of a person or of Clasio."""
    paths = sysconfig.get_paths()
    yield from (Path(paths[name]) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield Path(__file__).parent
    yield from map(Path, _LIBRARIES + _FONTS_AND_TIMES)
    if program is not None:
        prefix = program.parent.parent
        yield from (prefix / "lib", prefix / "share" / "tessdata", prefix / "share" / "tesseract-ocr")
    if learnt := os.environ.get("TESSDATA_PREFIX"):
        yield Path(learnt)


def _to_run(program: Path | None) -> Iterator[Path]:
    """Tesseract and what loads programs; where there is no tesseract, nothing."""
    if program is not None:
        yield program
        yield from (Path(path).resolve() for pattern in _LOADERS for path in glob.glob(pattern))  # noqa: PTH207


def _holds(put_on: Callable[[], None], program: Path | None) -> bool:
    """Whether a child can put it on, and still open what it must and run tesseract: installations differ."""
    child = os.fork()
    if child == 0:
        try:
            nothing = os.open(_NOTHING, os.O_RDWR)
            put_on()
            os.close(os.open(_NOTHING, os.O_RDONLY))
            if program is not None:
                for descriptor in (1, 2):
                    os.dup2(nothing, descriptor)
                os.execv(program, [str(program), "--version"])  # noqa: S606  # a fixed program
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
