"""The list of requirements names tests that are there."""

import re
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("asvs.md")
TESTS = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
ROWS = [line for line in LIST.read_text().splitlines() if re.match(r"\| \d+ ", line)]


def test_there_are_64() -> None:
    assert [int(row.split("|")[1]) for row in ROWS] == list(range(1, 65))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_each_has_a_test_or_a_sentence(row: str) -> None:
    proof = row.split("|")[3]
    assert NAMED.search(proof) or re.search(r"as \d+ ", proof) or proof.rstrip().endswith(".")
    for file, name in NAMED.findall(proof):
        assert f"def {name}(" in (TESTS / file).read_text(), f"{file}::{name}"
