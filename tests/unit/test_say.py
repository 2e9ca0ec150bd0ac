"""Lines for the terminal stay whole beside what other processes write there."""

import os
import subprocess
import sys

from tests.architecture.sources import PROJECT

LINES = 400
PROGRAM = f"from clasio_backend.cli.say import say\nfor number in range({LINES}): say('a whole line')"


def test_lines_of_processes_that_share_a_terminal_stay_whole() -> None:
    read, write = os.pipe()
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}
    speakers = [subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=write, env=environment) for _ in range(3)]
    os.close(write)
    with os.fdopen(read) as terminal:
        said = terminal.read().splitlines()
    assert [speaker.wait(10) for speaker in speakers] == [0, 0, 0]
    assert len(said) == 3 * LINES
    assert set(said) == {"a whole line"}
