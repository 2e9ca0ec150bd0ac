"""Ends what `up` leaves behind when it is killed: its programs' groups, with helpers that the kernel knows nothing of.

The kernel ends direct children (see `process.spawn`), on Linux only. The guardian sees the end of a pipe that only `up`
holds, wherever it runs. Each line of the pipe is the full list of groups to end, so nothing has to be undone.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from typing import IO

_PASSED_ON = ("PATH", "LD_LIBRARY_PATH")


class Guardian:
    """The side of `up`; a guardian that was killed itself is replaced at the next `watch_over`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._groups: bytes | None = None

    def watch_over(self, groups: Iterable[int]) -> None:
        """From now on these process groups, and no others, end when this process does."""
        line = " ".join(map(str, groups)).encode() + b"\n"
        with contextlib.suppress(OSError):  # it was killed just now, or nothing can be started: the next call mends it
            if self._process is None or self._process.poll() is not None:
                self._start()
            elif line == self._groups:
                return
            self._pipe.write(line)
            self._groups = line

    def stop(self) -> None:
        """Lets it go, with nothing to end."""
        if self._process is not None:
            self.watch_over([])
            self._pipe.close()
            self._process.wait()
            self._process = None

    def _start(self) -> None:
        if self._process is not None:
            self._pipe.close()
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},  # no secrets
            start_new_session=True,  # Ctrl-C in a terminal is not for it
        )

    @property
    def _pipe(self) -> IO[bytes]:
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("the guardian was not started")
        return self._process.stdin


def main() -> None:
    """Waits for the end of standard input, then ends the groups that its last line names."""
    groups: list[str] = []
    for line in sys.stdin:
        groups = line.split()
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(int(group), signal.SIGKILL)


if __name__ == "__main__":
    main()
