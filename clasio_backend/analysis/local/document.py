"""A document's text prepared once for all detectors, within bounds that keep the worst text cheap."""

import re
from dataclasses import dataclass
from itertools import takewhile

from clasio_backend.analysis.analyzer import AnalysisRequest, Mode
from clasio_backend.analysis.local.vocabulary import DATE_LABELS
from clasio_backend.analysis.words import fold, folded_words

# Characters, lines and characters a line that are looked at.
_MAX_TEXT: dict[Mode, int] = {"fast": 20_000, "thorough": 120_000}
_MAX_LINES: dict[Mode, int] = {"fast": 800, "thorough": 4_000}
_MAX_LINE = 300
_MAX_PARAGRAPH = 3_000
_LABEL_RUN = 12
_MARKS_OF_LAYOUT = re.compile(r"^[#*>|\s_]+|[*|\s_]+$")
# Word's and Acrobat's own symbols for a box to tick.
_MONEY = re.compile(r"[$€£¥]|\d[.,]\d\d(?!\d)(?![./-])")
_SYMBOL_BOX = re.compile(r"[\uf06f\uf071\uf0a8]")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\uf8ff]"
)


@dataclass(frozen=True, slots=True)
class Document:
    """`folded` has one entry for each of `lines`; `words` is all of it in one folded string."""

    name: str
    mime_type: str
    text: str
    lines: tuple[str, ...]
    folded: tuple[str, ...]
    words: str
    language: str | None


def prepare(request: AnalysisRequest, language: str | None) -> Document:
    """Cut, clean and fold `request.text`."""
    text = visible(request.text[: _MAX_TEXT[request.mode]])
    plain = (_MARKS_OF_LAYOUT.sub("", line[:_MAX_LINE]) for line in text.splitlines())
    lines = [line for line in plain if line][: _MAX_LINES[request.mode]]
    lines = pair_columns(lines)
    return Document(
        name=request.name[:255],
        mime_type=request.mime_type,
        text=text,
        lines=tuple(lines),
        folded=tuple(fold(line)[: 2 * _MAX_LINE] for line in lines),
        # One ligature can unfold to 18 letters.
        words=folded_words(text)[: 2 * len(text) + 2],
        language=language,
    )


def visible(text: str) -> str:
    """`text` without control, zero-width and direction characters; non-breaking spaces become spaces."""
    return _UNSEEN.sub("", _SYMBOL_BOX.sub("☐", text)).replace("\u00a0", " ").replace("\u202f", " ")


def paragraph_lines(text: str) -> list[str]:
    """Lines for sentences: longer than those for labels, without signs of layout."""
    plain = (_MARKS_OF_LAYOUT.sub("", line[:_MAX_PARAGRAPH]).replace("**", "") for line in text.splitlines())
    return [line for line in plain if line]


def pair_columns(lines: list[str]) -> list[str]:
    """Join labels with their values where a PDF gives them as two columns: "Date:", "Due:", then two dates."""
    out: list[str] = []
    index = 0
    while index < len(lines):
        labels = list(takewhile(_is_label, lines[index : index + _LABEL_RUN]))
        count = len(labels)
        if count < 2:
            out.append(lines[index])
            index += 1
            continue
        after = _values(lines[index + count : index + 2 * count])
        before = _values(lines[max(0, index - count) : index][::-1])[::-1]
        values = _better(labels, after if len(after) == count else [], before if len(before) >= 2 else [])
        out.extend(f"{label} {value}" for label, value in zip(labels, values, strict=False))
        out.extend(labels[len(values) :])
        index += count + (count if values and values is after else 0)
    return out


def _better(labels: list[str], after: list[str], before: list[str]) -> list[str]:
    """The values below the labels, but those above them (some files hold the values first) where only they fit."""
    return before if before and (not after or _misfits(labels, after) > _misfits(labels, before)) else after


def _misfits(labels: list[str], values: list[str]) -> int:
    """How many dates would get a sum of money, and how many sums a date."""
    pairs = zip(labels, values, strict=False)
    return sum(
        (DATE_LABELS.search(fold(label)) is not None) == (_MONEY.search(value) is not None) for label, value in pairs
    )


def _is_label(line: str) -> bool:
    return line.endswith(":") and len(line) <= 40


def _values(lines: list[str]) -> list[str]:
    """The first of `lines` that can be values; none unless most have digits."""
    values = list(takewhile(lambda line: ":" not in line and len(line) <= 60, lines))
    digits = sum(any(char.isdigit() for char in line) for line in values)
    return values if digits * 3 >= len(values) * 2 else []
