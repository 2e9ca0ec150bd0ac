"""`./clasio test`: what the tests need, then the tests."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from clasio_backend.core.config import PROJECT

PACKAGES = {
    "chromium": "chromium",
    "clamd": "clamav-daemon",
    "tesseract": "tesseract-ocr",
    "ip": "iproute2",
}
LANGUAGE_PACKAGES = ("tesseract-ocr-deu", "tesseract-ocr-fra", "tesseract-ocr-nld")


def run_tests(arguments: Sequence[str]) -> int:
    """Installs the programs that the tests drive, and runs pytest; returns its exit status."""
    missing = missing_packages()
    if missing and not install(missing):
        print(
            f"The tests need these packages: {' '.join(missing)}. Install them, then run this again.", file=sys.stderr
        )
        return 1
    chosen = any(argument.startswith(("-n", "--numprocesses")) for argument in arguments)
    workers = [] if chosen else ["-n", "2"]  # tests/lines.py says who takes which tests
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    environment["PYTHONPATH"] = str(PROJECT)
    return subprocess.run(
        [sys.executable, "-m", "pytest", *workers, *arguments], cwd=PROJECT, check=False, env=environment
    ).returncode


def missing_packages() -> list[str]:
    """Debian's packages of the programs that are not there."""
    missing = [package for program, package in PACKAGES.items() if shutil.which(program, path=_path()) is None]
    languages = _languages()
    missing += [package for package in LANGUAGE_PACKAGES if package.rsplit("-", 1)[1] not in languages]
    return missing


def _path() -> str:
    """Where programs are, daemons too."""
    return f"{os.environ.get('PATH', '')}:/usr/sbin"


def _languages() -> set[str]:
    program = shutil.which("tesseract")
    if program is None:
        return set()
    listed = subprocess.run([program, "--list-langs"], check=False, capture_output=True, text=True)
    return set(listed.stdout.split())


def install(packages: Sequence[str]) -> bool:
    """Installs Debian packages when we are root; False when that is not possible."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"Installing {' '.join(packages)}.", flush=True)
    for command in ([apt, "update", "-qq"], [apt, "install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            print(done.stderr[-1000:], file=sys.stderr)
            return False
    return True
