"""A program that many tests share is started once: its tests stand in one line, and no other line has its file."""

from tests.architecture.sources import PROJECT
from tests.lines import LINES, line_of

THIS = "tests/architecture/test_lines.py"
TEXTS = {
    path.relative_to(PROJECT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted((PROJECT / "tests").rglob("*.py"))
}


ALSO_STARTS_ONE = {"tests/e2e/test_first_day.py"}
"""In the line of the shared program, which its tests use beside a new one of their own."""


def test_each_file_that_starts_a_program_has_a_line_that_it_names() -> None:
    files = [
        file
        for file, text in TEXTS.items()
        if "= RunningClasio(" in text
        and file not in {THIS, *ALSO_STARTS_ONE}
        and not file.startswith("tests/bench/")  # those run alone
    ]
    assert len(files) == len(LINES)
    for file in files:
        assert f'start_only_once(tmp_path_factory, "{line_of(file)}")' in TEXTS[file], file


def test_tests_without_a_program_of_their_own_stand_in_no_line() -> None:
    assert line_of("tests/unit/test_sealing.py::test_no_bit_can_be_turned") is None
    assert line_of("tests/faults/test_engine.py::test_nothing") is None


def test_nothing_counts_on_the_groups_of_xdist() -> None:
    """They do nothing: put the file into a line instead."""
    assert [file for file, text in TEXTS.items() if "mark.xdist_group" in text and file != THIS] == []
