"""How well and how fast documents are read: prints figures; only what must be found is asserted."""

import csv
import re
import shutil
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clasio_backend.core.errors import ClasioError
from clasio_backend.documents.file_types import detect
from clasio_backend.documents.reading import Limits, read_file, sandbox, warm_up

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"

pytestmark = [
    pytest.mark.bench,
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not beside the clone"),
]


def rows(wanted: Callable[[dict[str, str]], bool]) -> list[dict[str, str]]:
    with (CORPUS / "labels.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if wanted(row)]


def milliseconds(path: Path) -> float:
    start = time.perf_counter()
    read_file(path, detect(path, path.name).mime_type)
    return (time.perf_counter() - start) * 1000


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_every_scan(capsys: pytest.CaptureFixture[str]):
    chosen = rows(lambda row: row["has_text_layer"] == "no" and row["expect_phrase"] != "")
    found = 0
    for row in chosen:
        path = CORPUS / row["path"]
        request = {"task": "text", "mime_type": detect(path, path.name).mime_type}
        start = time.perf_counter()
        try:
            run = sandbox.run(path, request, Limits(), max_bytes=10_000_000)
        except ClasioError as error:
            outcome, cost = error.code, ""
        else:
            hit = plain(row["expect_phrase"]) in plain(run.answer.payload.decode())
            found += hit
            outcome, cost = "found" if hit else "missing", f"{run.max_rss_kb // 1024} MB"
        with capsys.disabled():
            print(f"{row['path']:50} {outcome:8} {time.perf_counter() - start:5.1f} s {cost}")
    assert found >= 0.7 * len(chosen)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).casefold()


def test_speed(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    typical = rows(
        lambda row: row["path"].endswith(".pdf") and row["pages"] in "2345" and row["has_text_layer"] == "yes"
    )
    paths = [CORPUS / row["path"] for row in typical if "cymbal" not in row["path"]]  # one of its pages is a picture
    note = tmp_path / "note.txt"
    note.write_text("hello")
    warm_up()
    times = [milliseconds(path) for path in paths * 5]
    forks = [milliseconds(note) for _ in range(100)]
    start = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        count = len(list(pool.map(milliseconds, paths * 10)))
    rate = count / (time.perf_counter() - start)
    with capsys.disabled():
        print(f"\n{len(paths)} PDFs of 2-5 pages: median {statistics.median(times):.1f} ms, max {max(times):.0f} ms")
        print(f"a fork alone: median {statistics.median(forks):.1f} ms; two threads: {rate:.0f} PDFs/s")
