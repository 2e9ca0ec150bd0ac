"""How well the local analyzer does on real documents, judged by content: every file is called "document"."""

import csv
from functools import cache
from pathlib import Path

import pytest

from clasio_backend.analysis.analyzer import AnalysisRequest, AnalysisResult
from clasio_backend.analysis.local import LocalAnalyzer
from clasio_backend.analysis.local.parties import name_key
from clasio_backend.documents.reading import Unreadable, read_file
from clasio_backend.organizations.defaults import DEFAULT_CATEGORIES
from tests.bench.corpus import KINDS

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside this clone"),
]
MIME_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "md": "text/markdown",
    "html": "text/html",
    "csv": "text/csv",
    "eml": "message/rfc822",
    "png": "image/png",
    "jpg": "image/jpeg",
    "tif": "image/tiff",
    "tiff": "image/tiff",
}


@cache
def results() -> list[tuple[dict[str, str], AnalysisResult]]:
    """Each readable file with a text layer (OCR depends on the machine) and its result."""
    found = []
    with (CORPUS / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] in KINDS and row["has_text_layer"] == "yes"]
    for row in rows:
        path = CORPUS / row["path"]
        extension = path.suffix[1:]
        try:
            text = read_file(path, MIME_TYPES[extension]).text
        except Unreadable:
            text = ""
        request = AnalysisRequest(f"document.{extension}", MIME_TYPES[extension], text, "fast", DEFAULT_CATEGORIES)
        found.append((row, LocalAnalyzer().analyze(request)))
    return found


def share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def test_agrees_with_the_kind_by_content_alone() -> None:
    assert len(results()) > 80
    assert share([result.category == KINDS[row["kind"]] for row, result in results()]) >= 0.88


def test_reads_the_facts_of_invoices() -> None:
    invoices = [(row, result) for row, result in results() if row["kind"] == "invoice"]
    assert len(invoices) > 20
    totals = [
        any(amount.minor_units == round(float(row["amount"]) * 100) for amount in result.amounts)
        for row, result in invoices
    ]
    assert share(totals) >= 0.9
    assert share([bool(r.amounts) and r.amounts[0].currency == row["currency"] for row, r in invoices]) >= 0.9
    assert share([str(result.dates.issued) == row["date"] for row, result in invoices]) >= 0.85
    issuers = [
        any(
            name_key(name) in name_key(row["issuer"]) or name_key(row["issuer"]) in name_key(name) for name in r.parties
        )
        for row, r in invoices
    ]
    assert share(issuers) >= 0.75


def test_knows_the_language() -> None:
    assert share([result.language == row["language"] for row, result in results()]) >= 0.93
