"""What kind of document a text is: points for its title, its words, its shape, its file type and, weakly, its name."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from clasio_backend.analysis.kinds import Kind
from clasio_backend.analysis.local.document import Document
from clasio_backend.analysis.local.evidence import EVIDENCE
from clasio_backend.analysis.local.shape import points_of_shape
from clasio_backend.analysis.local.types import TYPES
from clasio_backend.analysis.words import folded_words

_HEAD_LINES = 30
_TITLE_WORDS = 8
_EVIDENCE_CAP = 9.0
_EVIDENCE_WEIGHT = 0.7
_NAME_POINTS = 1.5
_ENOUGH = 2.7
_START = 4
_LITTLE_TEXT = 60  # characters; below this there is nothing but the name to go by


@dataclass(frozen=True, slots=True)
class Classification:
    """`kind` is None when nothing is sure enough; `document_type` is for people."""

    kind: Kind | None
    document_type: str
    title: str | None


# The last type of a kind in the table is its general one.
_GENERAL = {kind: label for kind, label, _ in TYPES if label != "Job application"} | {Kind.EMAIL: "E-mail"}


def classify(document: Document) -> Classification:
    """The kind with the most points, if they are enough, and the most telling type of that kind."""
    points: defaultdict[Kind, float] = defaultdict(float)
    types: defaultdict[Kind, dict[str, float]] = defaultdict(dict)
    title = _add_titles(document, points, types)
    found: defaultdict[Kind, float] = defaultdict(float)
    starts = _starts(document.words)
    for kind, value, words in EVIDENCE:
        found[kind] += value * sum(_may_be_in(starts, word) and word in document.words for word in words)
    for kind, value in found.items():
        points[kind] += min(value, _EVIDENCE_CAP) * _EVIDENCE_WEIGHT
    for kind, shape_points in points_of_shape(document).items():
        points[kind] += shape_points
    _add_name(document, points, types)
    kind = max(points, key=lambda each: points[each])
    enough = _NAME_POINTS if len(document.words) < _LITTLE_TEXT else _ENOUGH
    if points[kind] < enough:
        return Classification(None, "Document", title)
    return Classification(kind, _best_type(kind, types[kind]), title)


def _starts(words: str) -> set[str]:
    """What a needle that is in `words` can start with: most of some 700 needles then need no search."""
    return {words[index : index + _START] for index in range(len(words) - _START + 1)}


def _may_be_in(starts: set[str], needle: str) -> bool:
    return len(needle) < _START or needle[:_START] in starts


def _add_titles(
    document: Document, points: defaultdict[Kind, float], types: defaultdict[Kind, dict[str, float]]
) -> str | None:
    """Points for types named in short lines near the top; the line that names the best one is the title."""
    best_title, best = None, 0.0
    for index, line in enumerate(document.lines[:_HEAD_LINES]):
        words = folded_words(line)
        count = words.count(" ") - 1
        for kind, label, starts in _named(words):
            weight = _title_weight(index, count, starts=starts)
            types[kind][label] = max(types[kind].get(label, 0.0), weight)
            points[kind] = max(points[kind], weight)
            if weight > best:
                best_title, best = line, weight
    return best_title


def _named(words: str) -> Iterator[tuple[Kind, str, bool]]:
    """Each type that a folded line names, and whether the line starts with it."""
    claimed: list[str] = []
    for kind, label, needles in TYPES:
        needle = next((each for each in needles if each in words), None)
        # "Employment offer letter" is an offer letter, not also a letter.
        if needle is not None and not any(needle.strip() in other for other in claimed):
            claimed.append(needle)
            yield kind, label, words.startswith(needle)


def _title_weight(index: int, words: int, *, starts: bool) -> float:
    if words > _TITLE_WORDS:
        return 2.0 if starts and index < 10 else 0.5
    base = 5.0 if index < 4 else 4.0 if index < 12 else 2.5
    return base + (1.0 if words <= 4 else 0.0) + (0.5 if starts else 0.0)


def _add_name(document: Document, points: defaultdict[Kind, float], types: defaultdict[Kind, dict[str, float]]) -> None:
    """A file's name is a weak sign: people call anything "scan" or "final"."""
    words = folded_words(document.name.rsplit(".", 1)[0])
    for kind, label, needles in TYPES:
        if any(each in words for each in needles):
            points[kind] += _NAME_POINTS
            types[kind].setdefault(label, 0.1)
            return


def _best_type(kind: Kind, found: dict[str, float]) -> str:
    if found:
        return max(found, key=lambda label: found[label])
    return _GENERAL.get(kind, kind.value.capitalize())
