"""From what a person types to a tsquery: words, "phrases", -excluded words; the last word also as a beginning."""

import re
from dataclasses import dataclass

from clasio_backend.documents.words import words_of

_TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
MAX_TERMS = 20


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """`tsquery` is safe to cast: every word in it is letters and digits in quotes. `words` are those to be marked.

    `name` is what names may be alike to; empty when the query is exact.
    """

    tsquery: str
    words: tuple[str, ...]
    prefix: str | None
    name: str

    @property
    def is_empty(self) -> bool:
        return not self.tsquery


def parse_query(text: str) -> ParsedQuery:
    wanted: list[str] = []
    excluded: list[str] = []
    marked: list[str] = []
    prefix: str | None = None
    terms = list(_TERM.finditer(text))[:MAX_TERMS]
    for term in terms:
        minus, phrase, bare = term.groups()
        words = words_of(phrase if phrase is not None else bare)
        if not words:
            continue
        if minus:
            excluded.append(f"!{_sequence(words)}")
            continue
        is_last_bare = term is terms[-1] and phrase is None and not text[-1:].isspace()
        prefix = words[-1] if is_last_bare else None
        wanted.append(_sequence(words, prefix=is_last_bare))
        marked.extend(words)
    if not wanted:
        return ParsedQuery("", (), None, "")
    # A phrase and an excluded word are exact wishes: names that are merely alike would go against them.
    is_exact = bool(excluded) or any(term.group(2) is not None for term in terms)
    name = "" if is_exact else " ".join(marked)
    return ParsedQuery(" & ".join(wanted + excluded), tuple(dict.fromkeys(marked)), prefix, name)


def _sequence(words: list[str], *, prefix: bool = False) -> str:
    """Words that must follow each other: a phrase, or one term that our words split (`PO-123`)."""
    quoted = [f"'{word}'" for word in words]
    if prefix:
        quoted[-1] += ":*"
    return f"({' <-> '.join(quoted)})"
