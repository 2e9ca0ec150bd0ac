"""Snippets: the passage around the first match, cut at words, with the matches marked. Plain text, never HTML."""

import re

from clasio_backend.search.hits import matches
from clasio_backend.search.query import ParsedQuery
from clasio_backend.search.schemas import SnippetPart

LENGTH = 240
LEAD = 60
_SPACE = re.compile(r"\s+")


def mark(text: str, query: ParsedQuery) -> tuple[SnippetPart, ...]:
    """`text` in parts, matches of the query marked."""
    parts: list[SnippetPart] = []
    end = 0
    for start, stop in matches(text, query):
        if start > end:
            parts.append(SnippetPart(text[end:start], marked=False))
        parts.append(SnippetPart(text[start:stop], marked=True))
        end = stop
    if end < len(text):
        parts.append(SnippetPart(text[end:], marked=False))
    return tuple(parts)


def snippet(passage: str, query: ParsedQuery) -> tuple[SnippetPart, ...]:
    """A readable cut of `passage` that shows the densest group of matches."""
    plain = _SPACE.sub(" ", passage).strip()
    starts = [start for start, _ in matches(plain, query)]
    start = max(0, _densest(starts) - LEAD) if starts else 0
    if start > 0:
        start = plain.find(" ", start) + 1 or start
    cut = plain[start : start + LENGTH]
    if start + LENGTH < len(plain):
        cut = (cut.rpartition(" ")[0] or cut) + " …"
    return mark(("… " if start > 0 else "") + cut, query)


def _densest(starts: list[int]) -> int:
    return max(starts, key=lambda first: (sum(first <= start < first + LENGTH - LEAD for start in starts), -first))
