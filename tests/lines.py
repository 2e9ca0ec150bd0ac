"""Which tests stand in one line behind a program that they share, and in which order two processes take up the work.

The scheduler is our own because xdist's `loadgroup` does nothing, silently, with pytest 9.2: the names of groups travel
in the ids of tests, which can no longer be changed (pytest-dev/pytest-xdist issue 1386).
"""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

LINES = {
    "tests/e2e/test_screens.py": "demo",
    "tests/e2e/test_gemini.py": "gemini",
    "tests/faults/test_kills.py": "kills",
    "tests/e2e/": "clasio",
}
"""By the beginning of a test's id, the first that fits: each line has a whole Clasio of its own, or `clasio`."""
WHILE_THE_UI_IS_BUILT = 300
"""So many tests take about as long as the build, for which every program waits."""


def line_of(test_id: str) -> str | None:
    """The line that a test stands in; None for the many that any process can run at any time."""
    return next((line for beginning, line in LINES.items() if test_id.startswith(beginning)), None)


def in_order(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The longest line first. What waits for the same build of the UI comes when that is there."""
    lines: dict[str | None, list[pytest.Item]] = {None: []}
    for item in items:
        lines.setdefault(line_of(item.nodeid), []).append(item)
    alone = lines.pop(None)
    longest, *others = sorted(lines.values(), key=len, reverse=True) or [[]]
    return [*longest, *alone[:WHILE_THE_UI_IS_BUILT], *chain.from_iterable(others), *alone[WHILE_THE_UI_IS_BUILT:]]


class Lines(LoadScopeScheduling):
    """Gives each line to one process, and every other test to whichever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return line_of(nodeid) or nodeid


def start_only_once(factory: pytest.TempPathFactory, line: str) -> None:
    """Fails where a second process of this run starts the program of a line: then it was not one line."""
    folder = factory.getbasetemp()
    if folder.name.startswith("popen-"):  # of one of several processes, beside those of the others
        Path(folder.parent, f"started-{line.replace(' ', '-')}").mkdir()
