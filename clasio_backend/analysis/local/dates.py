"""Issue, due and expiry dates from labelled words, in the usual ways of writing a date.

Every pattern is bounded and has no nested repetition, so that hostile text costs no more than honest text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from clasio_backend.analysis.analyzer import DocumentDates
from clasio_backend.analysis.local.document import Document
from clasio_backend.analysis.local.vocabulary import DATE_LABEL_OF, DATE_LABELS, MONTHS, DateRole

_YEAR_FIRST = re.compile(r"(?<![\d.,/-])(\d{4})\s?[-/.年년]\s?(\d{1,2})\s?[-/.月월]\s?(\d{1,2})(?![\d,/-])")
_NUMERIC = re.compile(r"(?<![\d.,/-])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d|[./-]\d)")
_DAY_MONTH = re.compile(
    r"(?<![\d.,])(\d{1,2})(?:st|nd|rd|th|er|o)?[.,]?[\s-]{1,3}(?:de |of )?([^\W\d_]{3,12})[.,]?[\s-]{1,3}(?:de |del )?"
    r"'?(\d{4})(?!\d)"
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})\.?\s{1,2}(\d{1,2})(?:st|nd|rd|th)?\s{0,2},?\s{0,2}(\d{4})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_PAPER = re.compile(
    r"(?:invoice|rechnung|facture|factuur|faktura|fattura|factura|vertrag|contract|receipt)[^\n]{0,40}\d"
)
_US_ADDRESS = re.compile(r"\b[A-Z]{2},? \d{5}(?:-\d{4})?\b")
_DIGIT = re.compile(r"\d")
_LABEL_REACH = 45
_HEAD_LINES = 15


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    value: date


def find_dates(document: Document, *, receipt: bool = False) -> DocumentDates:
    """The best labelled date of each role; without a label the first date near the top counts as the issue date.

    On a receipt (`receipt`) the date often stands at the bottom: there the first date anywhere counts.
    """
    month_first = _month_first(document)
    best: dict[DateRole, tuple[int, date]] = {}
    unlabelled: date | None = None
    for index, line in enumerate(document.folded):
        if not _DIGIT.search(line):
            continue
        before = document.folded[index - 1] if index else ""
        for found, role, strength in _labelled(line, before, month_first):
            if role == "none":
                if unlabelled is None and strength == 0 and (receipt or index < _HEAD_LINES):
                    unlabelled = found.value
            elif role not in best or strength > best[role][0]:
                best[role] = (strength, found.value)
    values = {role: value for role, (_, value) in best.items()}
    return DocumentDates(issued=values.get("issued", unlabelled), due=values.get("due"), expires=values.get("expires"))


def _labelled(line: str, line_before: str, month_first: bool) -> Iterator[tuple[_Found, DateRole, int]]:
    """Each date of a line with the role and strength of the label nearest before it."""
    labels = [(match.end(), DATE_LABEL_OF[match[0]]) for match in DATE_LABELS.finditer(line)]
    above = DATE_LABELS.findall(line_before) if len(line_before) < 60 else []
    alone = len(above) == 1 and not labels
    names_paper = _PAPER.search(line) is not None
    previous_end = 0
    for found in _dates_in(line, month_first, compact=bool(labels)):
        near = [label for label in labels if previous_end <= label[0] <= found.start + 1]
        if near and found.start - near[-1][0] <= _LABEL_REACH:
            label = near[-1][1]
        elif alone and found.start < 4:
            label = DATE_LABEL_OF[above[0]]
        else:
            label = ("none", 0)
        previous_end = found.end
        role, strength = label
        # "Invoice no. 12 of 3 May" says more than the date of a form's version.
        yield found, role, strength + (role == "issued" and strength == 1 and names_paper)


def _dates_in(line: str, month_first: bool, *, compact: bool) -> list[_Found]:
    found: list[_Found] = []
    for match in _YEAR_FIRST.finditer(line):
        _add(found, match, match[1], match[2], match[3])
    for match in _NUMERIC.finditer(line):
        first, second, year = int(match[1]), int(match[3]), match[4]
        swap = (month_first and match[2] != "." and first <= 12) or second > 12
        day, month = (second, first) if swap else (first, second)
        _add(found, match, year, month, day)
    for match in _DAY_MONTH.finditer(line):
        _add(found, match, match[3], MONTHS.get(match[2], 0), match[1])
    for match in _MONTH_DAY.finditer(line):
        _add(found, match, match[3], MONTHS.get(match[1], 0), match[2])
    if compact:
        for match in _COMPACT.finditer(line):
            _add(found, match, match[1], match[2], match[3])
    return sorted(found, key=lambda each: each.start)


def _add(found: list[_Found], match: re.Match[str], year: int | str, month: int | str, day: int | str) -> None:
    full = int(year)
    if full < 100:
        full += 2000 if full < 70 else 1900
    if not 1900 <= full <= 2199 or any(each.start < match.end() and match.start() < each.end for each in found):
        return
    try:
        value = date(full, int(month), int(day))
    except ValueError:
        return
    found.append(_Found(match.start(), match.end(), value))


def _month_first(document: Document) -> bool:
    """Whether 3/4/2026 is 4 March: decided by the document's own dates, then by signs of the United States."""
    day_first = month_first = 0
    for line in document.folded[:400]:
        for match in _NUMERIC.finditer(line):
            day_first += int(match[1]) > 12
            month_first += int(match[3]) > 12
    if day_first != month_first:
        return month_first > day_first
    if document.language not in {"en", None}:
        return False
    return bool(_US_ADDRESS.search(document.text)) or ("$" in document.text and "£" not in document.text)
