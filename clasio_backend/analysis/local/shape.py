"""What the file type and the shape of a text say about its kind, without reading its words."""

import re

from clasio_backend.analysis.kinds import Kind
from clasio_backend.analysis.local.document import Document
from clasio_backend.analysis.local.party_words import CLOSINGS

_SPREADSHEETS = ("spreadsheet", "ms-excel", "text/csv", "opendocument.spreadsheet")
_SLIDES = ("presentation", "ms-powerpoint", "opendocument.presentation")
_MAIL_HEADERS = (
    "from:",
    "to:",
    "subject:",
    "date:",
    "sent:",
    "cc:",
    "von:",
    "an:",
    "betreff:",
    "gesendet:",
    "de:",
    "objet:",
)
_BOX = re.compile(r"[☐☑☒□❏❑◻\u2610-\u2612]|\[ \]|\( \)|_{5,}")
_NUMBER = re.compile(r"^[($€£+-]?\d[\d.,'%]*[)%]?$")
_BULLET = re.compile(r"^\s*[●•◦▪■\u2013]\s?")
_CLAUSE = re.compile(
    r"^\(?(?:\d{1,2}(?:\.\d{1,2}){0,2}[.)]?|§\s?\d{1,3}|article \d{1,2}|section \d{1,2})\s+\S", re.IGNORECASE
)
_NUMERIC_TABLE = 0.5


def points_of_shape(document: Document) -> dict[Kind, float]:
    """Points for each kind that the file's type or layout speaks for."""
    points: dict[Kind, float] = {}
    mime = document.mime_type.lower()
    if mime == "message/rfc822":
        points[Kind.EMAIL] = 25.0
    elif any(each in mime for each in _SLIDES):
        points[Kind.PRESENTATION] = 9.0
    elif any(each in mime for each in _SPREADSHEETS):
        points[Kind.SPREADSHEET] = 7.0
    head = document.folded[:8]
    headers = sum(line.startswith(_MAIL_HEADERS) for line in head)
    if headers >= 3:
        points[Kind.EMAIL] = points.get(Kind.EMAIL, 0.0) + 6.0
    if any(line.rstrip(" ,.!") in CLOSINGS for line in document.folded[:400]):
        points[Kind.LETTER] = 1.5
    lines = document.lines[:400]
    if lines:
        _add_layout(points, lines)
    return points


def _add_layout(points: dict[Kind, float], lines: tuple[str, ...]) -> None:
    count = len(lines)
    tokens = [token for line in lines for token in line.split()]
    numbers = sum(_NUMBER.match(token) is not None for token in tokens)
    # Invoices are tables too; a sheet of figures has more numbers than words.
    if len(tokens) >= 40 and numbers / len(tokens) > _NUMERIC_TABLE:
        points[Kind.SPREADSHEET] = points.get(Kind.SPREADSHEET, 0.0) + 5.0
    blanks = sum(len(line) < 60 and line.endswith(":") for line in lines)
    boxes = sum(_BOX.search(line) is not None for line in lines)
    if blanks >= 2 and blanks * 4 >= count:
        points[Kind.FORM] = points.get(Kind.FORM, 0.0) + 3.0
    elif blanks >= 6:
        points[Kind.FORM] = points.get(Kind.FORM, 0.0) + 2.0
    if boxes >= 3:
        points[Kind.FORM] = points.get(Kind.FORM, 0.0) + (3.0 if boxes * 6 >= count else 1.0)
    bullets = sum(_BULLET.match(line) is not None for line in lines)
    short = sum(len(line) < 50 for line in lines)
    if bullets * 4 >= count and short * 3 >= count * 2:
        points[Kind.PRESENTATION] = points.get(Kind.PRESENTATION, 0.0) + 2.5
    clauses = sum(_CLAUSE.match(line) is not None and len(line) > 60 for line in lines)
    if clauses >= 6:
        points[Kind.CONTRACT] = points.get(Kind.CONTRACT, 0.0) + 1.0
