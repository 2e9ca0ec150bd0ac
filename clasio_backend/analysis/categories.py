"""How the kinds of document meet an organization's own category names."""

from collections.abc import Sequence
from functools import lru_cache

from clasio_backend.analysis.analyzer import OTHER
from clasio_backend.analysis.kinds import KIND_STEMS, Kind
from clasio_backend.analysis.words import fold, folded_words

_WORD_ENDING = 3
_SHORT_STEM = 4  # "form" meets "forms" but not "format"
_COMPOUND_STEM = 6
_STEMS = tuple((kind, tuple(stem.split("_"))) for kind, stems in KIND_STEMS.items() for stem in stems.split())


def _meets(word: str, stem: str) -> bool:
    longest_ending = 1 if len(stem) <= _SHORT_STEM else _WORD_ENDING
    return word.startswith(stem) and len(word) - len(stem) <= longest_ending


def _stem_share(stem: tuple[str, ...], words: tuple[str, ...]) -> float:
    """How much of a name's folded words a stem explains: 0 for nothing, 1 for the whole name."""
    length = sum(map(len, words))
    for start in range(len(words) - len(stem) + 1):
        window = words[start : start + len(stem)]
        if all(map(_meets, window, stem)):
            return sum(map(len, window)) / length
    inner = stem[0]
    # CJK is written without spaces, so any place in a word will do; else only a long stem inside a compound.
    if (
        len(stem) == 1
        and (not inner.isascii() or len(inner) >= _COMPOUND_STEM)
        and any(inner in word for word in words)
    ):
        return len(inner) / length
    return 0.0


@lru_cache(maxsize=4096)  # an organization's names come again with each document
def _shares(name: str) -> dict[Kind, tuple[int, float]]:
    """For each kind that a name can mean: (length of the longest stem found, share of the name it explains)."""
    words = tuple(folded_words(name).replace(" e mail", " email").split())
    found: dict[Kind, tuple[int, float]] = {}
    joined = " ".join(words)
    for kind, stem in _STEMS:
        if stem[0] not in joined:  # most stems end here: ten times faster
            continue
        if share := _stem_share(stem, words):
            found[kind] = max(found.get(kind, (0, 0.0)), (sum(map(len, stem)), share))
    return found


def kinds_of(name: str) -> tuple[Kind, ...]:
    """The kinds that a category's name or a document type can mean, the surest first."""
    shares = _shares(name)
    return tuple(sorted(shares, key=lambda kind: shares[kind], reverse=True))


def category_for_kind(kind: Kind, categories: Sequence[str]) -> str:
    """The organization's category that a kind belongs in, or `OTHER`.

    The name that the kind explains best wins ("Invoices" before "Invoices and receipts"); of equal ones the first.
    """
    best, best_share = OTHER, 0.0
    for name in categories:
        shares = _shares(name)
        if kind not in shares:
            continue
        length, share = shares[kind]
        # A longer stem of another kind that covers the same word speaks against it ("Lohnabrechnungen").
        overruled = any(other_length > length and other != kind for other, (other_length, _) in shares.items())
        weight = share / 4 if overruled else share
        if weight > best_share:
            best, best_share = name, weight
    return best


def category_for_type(document_type: str, categories: Sequence[str]) -> str:
    """The organization's category for a free document type such as "Invoice" or "Mietvertrag", or `OTHER`."""
    wanted = fold(document_type).strip()
    for name in categories:
        if fold(name).strip() == wanted:
            return name
    for kind in kinds_of(document_type):
        if (name := category_for_kind(kind, categories)) != OTHER:
            return name
    return OTHER
