"""Snippets: the passage around the first match, cut at words, with the matches marked. Plain text, never HTML."""

import re
from collections.abc import Iterable

from clasio_backend.documents.words import fold
from clasio_backend.search.query import ParsedQuery
from clasio_backend.search.schemas import SnippetPart

LENGTH = 240
LEAD = 60
_TOKEN = re.compile(r"[^\W_]+")
_SPACE = re.compile(r"\s+")


def mark(text: str, query: ParsedQuery) -> tuple[SnippetPart, ...]:
    """`text` in parts, matches of the query marked."""
    parts: list[SnippetPart] = []
    end = 0
    for start, stop in _matches(text, query):
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
    starts = [start for start, _ in _matches(plain, query)]
    start = max(0, _densest(starts) - LEAD) if starts else 0
    if start > 0:
        start = plain.find(" ", start) + 1 or start
    cut = plain[start : start + LENGTH]
    if start + LENGTH < len(plain):
        cut = (cut.rpartition(" ")[0] or cut) + " …"
    return mark(("… " if start > 0 else "") + cut, query)


def _densest(starts: list[int]) -> int:
    return max(starts, key=lambda first: (sum(first <= start < first + LENGTH - LEAD for start in starts), -first))


def _matches(text: str, query: ParsedQuery) -> Iterable[tuple[int, int]]:
    wanted = set(query.words)
    unspaced = sorted((word for word in wanted if len(word) == 1 and not word.isascii()), key=len)
    for token in _TOKEN.finditer(text):
        folded = fold(token.group())
        if folded in wanted or (query.prefix and folded.startswith(query.prefix)):
            yield token.span()
        elif unspaced:
            for offset, character in enumerate(token.group()):
                if character in wanted:
                    yield token.start() + offset, token.start() + offset + 1
