"""Tesseract's table of words, back into text that reads as the page does.

Prose keeps tesseract's order of blocks, so that columns are not mixed. Blocks of short lines (forms, invoices: a column
of labels, a column of values) are put together row by row instead: "Form number: 12345678".
"""

from dataclasses import dataclass, field

_WORD_LEVEL = "5"
_COLUMNS = 12
_SHORT_LINE_WORDS = 5.0


@dataclass(slots=True)
class _Line:
    left: int
    top: int
    bottom: int
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Page:
    """Text of a page, and the mean confidence of its words (0 to 100; 0 without words)."""

    text: str
    confidence: float


def from_table(table: str) -> Page:
    """Read tesseract's TSV; rows that are not words of it are passed over."""
    blocks: dict[str, dict[tuple[str, str], _Line]] = {}
    confidences: list[float] = []
    for row in table.splitlines():
        cells = row.split("\t")
        if len(cells) != _COLUMNS or cells[0] != _WORD_LEVEL or not cells[11].strip():
            continue
        left, top, _, height = (int(cell) for cell in cells[6:10])
        line = blocks.setdefault(cells[2], {}).setdefault((cells[3], cells[4]), _Line(left, top, top + height))
        line.top, line.bottom = min(line.top, top), max(line.bottom, top + height)
        line.words.append(cells[11])
        confidences.append(float(cells[10]))
    text = "\n\n".join(_arrange([list(lines.values()) for lines in blocks.values()]))
    return Page(text, sum(confidences) / len(confidences) if confidences else 0.0)


def _arrange(blocks: list[list[_Line]]) -> list[str]:
    texts: list[str] = []
    short: list[_Line] = []
    for lines in blocks:
        if sum(len(line.words) for line in lines) / len(lines) <= _SHORT_LINE_WORDS:
            short += lines
            continue
        texts += [_rows(short), "\n".join(line.text for line in lines)]
        short = []
    texts.append(_rows(short))
    return [text for text in texts if text]


def _rows(lines: list[_Line]) -> str:
    """Lines of short blocks, those on one height side by side."""
    rows: list[list[_Line]] = []
    for line in sorted(lines, key=lambda one: one.top + one.bottom):
        if rows and _on_one_height(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return "\n".join("\t".join(line.text for line in sorted(row, key=lambda one: one.left)) for row in rows)


def _on_one_height(first: _Line, second: _Line) -> bool:
    overlap = min(first.bottom, second.bottom) - max(first.top, second.top)
    return overlap > 0.5 * min(first.bottom - first.top, second.bottom - second.top)
