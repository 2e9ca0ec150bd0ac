"""Where things are on pages, as the child says it: taken apart and put together again before anybody believes it."""

import json
from typing import Any

from clasio_backend.documents.reading.errors import Unreadable
from clasio_backend.documents.reading.text import is_storable

PARTS = 10_000
"""Places are whole numbers from 0 to this, from the left and upper edge of the page as it is shown."""
MOST_CHARACTERS = 40_000
"""Of one page: a page of a newspaper has 20,000."""
LONGEST_WORD = 80
MOST_BYTES = 4 * 1024 * 1024
_LONGEST_SIDE = 10_000_000


def checked_outline(payload: bytes, *, most_pages: int) -> bytes:
    """JSON: [width, height] of each page, in points or pixels. Raises `Unreadable` for anything else."""
    sizes = _list_of(payload)
    if not 0 < len(sizes) <= most_pages or not all(_is_size(size) for size in sizes):
        raise _garbled()
    return _json(sizes)


def checked_words(payload: bytes) -> bytes:
    """JSON: lines of [word, left, top, width, height]. Raises `Unreadable` for anything else."""
    lines = _list_of(payload)
    if len(lines) > MOST_CHARACTERS or not all(isinstance(line, list) for line in lines):
        raise _garbled()
    words = [word for line in lines for word in line]
    if not all(_is_word(word) for word in words) or sum(len(word[0]) for word in words) > MOST_CHARACTERS:
        raise _garbled()
    return _json(lines)


def _list_of(payload: bytes) -> list[Any]:
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise _garbled() from error
    if not isinstance(found, list):
        raise _garbled()
    return found


def _is_size(size: Any) -> bool:
    return isinstance(size, list) and len(size) == 2 and all(type(n) is int and 0 < n <= _LONGEST_SIDE for n in size)


def _is_word(word: Any) -> bool:
    return (
        isinstance(word, list)
        and len(word) == 5
        and isinstance(word[0], str)
        and 0 < len(word[0]) <= LONGEST_WORD
        and is_storable(word[0])
        and all(type(place) is int and 0 <= place <= PARTS for place in word[1:])
    )


def _garbled() -> Unreadable:
    return Unreadable("crashed", cause="answer is no layout")


def _json(value: list[Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
