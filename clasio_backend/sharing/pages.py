"""A shared document as its pages, a few at a time: pictures, and their words to select. Never its bytes.

Members wait behind nothing of it: of the two drawings that a process does at once, visitors get one, only so many wait
for it, and one who has many pages drawn is slowed down.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from clasio_backend.core.errors import ClasioError, TooManyRequests
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.pages import PageSource, open_outline, open_page, open_words, rendering_of
from clasio_backend.documents.renderings import is_kept
from clasio_backend.security import rates
from clasio_backend.security.rate_limit import take
from clasio_backend.sharing.schemas import Opened

PAGES_A_SHEET = 5
WIDTH_PX = 1240
MOST_WAITING = 8
PATIENCE_SECONDS = 15.0
BUSY_SECONDS = 10
_drawing = threading.BoundedSemaphore(1)
_waiting = threading.BoundedSemaphore(MOST_WAITING)

Word = tuple[str, int, int, int, int]
"""Text, left, top, width, height, in ten-thousandths of the page."""


@dataclass(frozen=True, slots=True)
class SharedPage:
    """`width` and `height` are the picture's; `lines` are empty where there are no words to select."""

    number: int
    width: int
    height: int
    lines: tuple[tuple[Word, ...], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Some pages of `total` that can be shown; `of` is how many the document has."""

    pages: tuple[SharedPage, ...]
    total: int
    of: int

    @property
    def first(self) -> int:
        return self.pages[0].number

    @property
    def last(self) -> int:
        return self.pages[-1].number

    @property
    def before(self) -> int | None:
        return max(1, self.first - PAGES_A_SHEET) if self.first > 1 else None

    @property
    def after(self) -> int | None:
        return self.last + 1 if self.last < self.total else None


def read_sheet(opened: Opened, number: int, *, page_count: int | None, ip_address: str) -> Sheet | None:
    """The pages around page `number`; None while they cannot be shown, and the text has to do.

    Raises `DocumentNotFound` for what is closed.
    """
    with unit_of_work(opened.scope) as uow:
        source = open_outline(uow, opened.document_id)
    try:
        sizes = json.loads(_drawn(opened, source, ip_address))
    except ClasioError:
        return None
    first = (min(max(number, 1), len(sizes)) - 1) // PAGES_A_SHEET * PAGES_A_SHEET
    pages = tuple(
        SharedPage(place + 1, WIDTH_PX, round(WIDTH_PX * height / width), _lines(opened, place + 1, ip_address))
        for place, (width, height) in list(enumerate(sizes))[first : first + PAGES_A_SHEET]
    )
    return Sheet(pages, len(sizes), max(len(sizes), page_count or 0))


def read_picture(opened: Opened, number: int, *, ip_address: str) -> bytes:
    """Page `number` as WebP. Raises `PageNotFound`, `TooManyRequests`, and `DocumentNotFound` for what is closed."""
    with unit_of_work(opened.scope) as uow:
        source = open_page(uow, opened.document_id, number)
    return _drawn(opened, source, ip_address)


def _lines(opened: Opened, number: int, ip_address: str) -> tuple[tuple[Word, ...], ...]:
    try:
        with unit_of_work(opened.scope) as uow:
            source = open_words(uow, opened.document_id, number)
        found = json.loads(_drawn(opened, source, ip_address))
    except ClasioError:
        return ()
    return tuple(tuple((word[0], word[1], word[2], word[3], word[4]) for word in line) for line in found if line)


def _drawn(opened: Opened, source: PageSource, ip_address: str) -> bytes:
    """What is kept costs nothing, and is given out without a turn."""
    with unit_of_work(opened.scope) as uow:
        is_there = is_kept(uow, source.wanted)
    if is_there:
        return rendering_of(source)
    take(rates.share_drawing(str(opened.share_id), ip_address))
    with _a_turn():
        return rendering_of(source)


@contextmanager
def _a_turn() -> Iterator[None]:
    """Raises `TooManyRequests` when enough visitors wait already, so that they do not use up the threads."""
    if not _waiting.acquire(blocking=False):
        raise _busy()
    try:
        if not _drawing.acquire(timeout=PATIENCE_SECONDS):
            raise _busy()
        try:
            yield
        finally:
            _drawing.release()
    finally:
        _waiting.release()


def _busy() -> TooManyRequests:
    return TooManyRequests("Many pages are being drawn right now. Try again in a moment.", retry_after=BUSY_SECONDS)
