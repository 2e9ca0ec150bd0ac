"""What counts as a hit: one rule for snippets, for marks on pages, and for the page at which a document opens."""

import json
import re
from collections.abc import Iterator

from clasio_backend.documents.words import fold
from clasio_backend.search.query import ParsedQuery, parse_query

_TOKEN = re.compile(r"[^\W_]+")
PAGE_END = "\f"


def matches(text: str, query: ParsedQuery) -> Iterator[tuple[int, int]]:
    """Where (from, to) in `text` there are words of the query, in order."""
    wanted = set(query.words)
    unspaced = any(len(word) == 1 and not word.isascii() for word in wanted)
    for token in _TOKEN.finditer(text):
        folded = fold(token.group())
        if folded in wanted or (query.prefix and folded.startswith(query.prefix)):
            yield token.span()
        elif unspaced:
            for offset, character in enumerate(token.group()):
                if character in wanted:
                    yield token.start() + offset, token.start() + offset + 1


def first_page_with(q: str, text: str) -> int:
    """The first page that holds a hit, from 1; the first of all where none does."""
    query = parse_query(q)
    if not query.is_empty:
        for number, page in enumerate(text.split(PAGE_END), start=1):
            if _is_hit(page, query):
                return number
    return 1


def with_hits(words: bytes, q: str) -> bytes:
    """A page's words as JSON (`documents.pages.open_words`), each with a sixth value: whether it is a hit."""
    query = parse_query(q)
    lines = [[[*word, _is_hit(word[0], query)] for word in line] for line in json.loads(words)]
    return json.dumps(lines, separators=(",", ":"), ensure_ascii=False).encode()


def _is_hit(text: str, query: ParsedQuery) -> bool:
    return next(matches(text, query), None) is not None
