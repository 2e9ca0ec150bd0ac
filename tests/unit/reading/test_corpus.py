"""Real documents of others, beside the clone: what a person would look for is in the text that was read."""

import csv
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from clasio_backend.core.errors import ClasioError
from clasio_backend.documents.file_types import UnsupportedFileType, detect
from clasio_backend.documents.reading import Limits, Unreadable, read_file, sandbox

CORPUS = Path(__file__).resolve().parents[3].parent / "shared" / "corpus"
MEMORY_KB = 700 * 1024
QUICK_SCANS = (  # the others take minutes: tests/bench
    "scan/packing-list.png",
    "form/form-with-tables-scan.pdf",
    "receipt/rewe-bon-scan.pdf",  # lies on its side
)
ODD = {
    "empty-0-bytes.pdf": "empty",
    "not-really-a-pdf.pdf": "broken",
    "password-needed.pdf": "encrypted",
    "password-is-test.pdf": "encrypted",
    "page-without-contents.pdf": "no_text",
    "password-protected.xlsx": "encrypted",
    "docx-named-as-pdf.pdf": "type_mismatch",
    "truncated-download.pdf": "broken",
}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not beside the clone"),
]


@dataclass(frozen=True)
class Label:
    path: str
    phrase: str
    has_text: bool


def labels():
    with (CORPUS / "labels.csv").open(encoding="utf-8", newline="") as file:
        return [
            Label(row["path"], row["expect_phrase"], row["has_text_layer"] == "yes") for row in csv.DictReader(file)
        ]


def plain(text: str):
    return re.sub(r"\s+", " ", text).casefold()


def text_of(name: str):
    path = CORPUS / name
    return read_file(path, detect(path, path.name).mime_type).text


def missing_phrases(chosen: list[Label]):
    missing = []
    for label in chosen:
        try:
            if plain(label.phrase) not in plain(text_of(label.path)):
                missing.append(f"{label.path}: {label.phrase}")
        except ClasioError as error:
            missing.append(f"{label.path}: {error.code}")
    return missing


def test_phrases_of_files_with_a_text_layer_are_found():
    chosen = [label for label in labels() if label.has_text and label.phrase]
    missing = missing_phrases(chosen)

    assert len(chosen) > 90
    assert len(missing) <= 0.05 * len(chosen), missing


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_phrases_of_some_scans_are_found():
    missing = missing_phrases([label for label in labels() if label.path in QUICK_SCANS])

    assert not missing


@pytest.mark.parametrize(("name", "code"), ODD.items())
def test_odd_files_end_as_they_should(name: str, code: str):
    with pytest.raises((Unreadable, UnsupportedFileType)) as caught:
        text_of(f"odd/{name}")

    assert caught.value.code == code
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize("path", sorted((CORPUS / "odd").glob("*")), ids=lambda path: path.name)
def test_odd_files_cost_little_memory(path: Path):
    request = {"task": "render", "mime_type": "application/pdf", "page": 0, "width_px": 1200}
    for task in (request, request | {"task": "text"}) if path.suffix == ".pdf" else ():
        with suppress(Unreadable):
            assert sandbox.run(path, task, Limits(), max_bytes=10_000_000).max_rss_kb < MEMORY_KB
