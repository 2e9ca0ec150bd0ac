"""Where things are on pages: how large each page is, and which words stand where on one (`reading/layout.py`)."""

import json
from collections.abc import Iterator
from contextlib import closing
from ctypes import byref, c_int
from dataclasses import dataclass, field
from typing import IO, Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from clasio_backend.documents.reading.layout import LONGEST_WORD, MOST_CHARACTERS, PARTS
from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.parsers.base import CannotRead
from clasio_backend.documents.reading.parsers.image import open_image
from clasio_backend.documents.reading.parsers.pdf import open_pdf

_A4 = (595.0, 842.0)
_FINE = 100 * PARTS
"""pdfium gives whole numbers only, so it is asked for larger ones."""


def outline(file: IO[bytes], mime_type: str, limits: Limits) -> bytes:
    """[width, height] of each page, at most `max_pages` of them."""
    if mime_type == "application/pdf":
        sizes = _pdf_sizes(file, limits)
    elif mime_type.startswith("image/"):
        sizes = _image_sizes(file, limits)
    else:
        raise CannotRead("unsupported")
    return json.dumps([[max(1, round(width)), max(1, round(height))] for width, height in sizes]).encode()


def words(file: IO[bytes], mime_type: str, page: int) -> bytes:
    """Lines of [word, left, top, width, height]; none where the page is a picture."""
    if mime_type != "application/pdf":
        return b"[]"
    try:
        with closing(open_pdf(file)) as document:
            if not 0 <= page < len(document):
                raise CannotRead("no_such_page")
            with closing(document[page]) as shown, closing(shown.get_textpage()) as text:
                return json.dumps(_lines(shown, text)).encode()
    except pdfium.PdfiumError as error:
        raise CannotRead("broken", "pdfium") from error


def _pdf_sizes(file: IO[bytes], limits: Limits) -> list[tuple[float, float]]:
    try:
        with closing(open_pdf(file)) as document:
            return [_pdf_size(document, index) for index in range(min(len(document), limits.max_pages))]
    except pdfium.PdfiumError as error:
        raise CannotRead("broken", "pdfium") from error


def _pdf_size(document: Any, index: int) -> tuple[float, float]:
    size = raw.FS_SIZEF()
    is_known = raw.FPDF_GetPageSizeByIndexF(document, index, size)
    return (size.width, size.height) if is_known else _A4  # one broken page does not spoil the others


def _image_sizes(file: IO[bytes], limits: Limits) -> list[tuple[float, float]]:
    sizes: list[tuple[float, float]] = []
    with open_image(file, limits, gray=False) as image:
        for index in range(min(int(getattr(image, "n_frames", 1)), limits.max_pages)):
            image.seek(index)
            turned = image.getexif().get(0x0112, 1) in _ON_ITS_SIDE
            sizes.append((image.height, image.width) if turned else (image.width, image.height))
    return sizes


_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
"""Values of EXIF's orientation."""


@dataclass(slots=True)
class _Word:
    letters: list[str] = field(default_factory=list)
    left: float = PARTS
    top: float = PARTS
    right: float = 0.0
    bottom: float = 0.0

    def add(self, letter: str, box: tuple[float, float, float, float]) -> None:
        self.letters.append(letter)
        self.left, self.top = min(self.left, box[0]), min(self.top, box[1])
        self.right, self.bottom = max(self.right, box[2]), max(self.bottom, box[3])

    def goes_on_with(self, box: tuple[float, float, float, float]) -> bool:
        """Whether the letter in `box` is near enough, in whatever direction the text runs."""
        room = max(box[2] - box[0], box[3] - box[1])
        aside = max(box[0] - self.right, self.left - box[2])
        below = max(box[1] - self.bottom, self.top - box[3])
        return len(self.letters) < LONGEST_WORD and max(aside, below) < room

    def is_level_with(self, box: tuple[float, float, float, float]) -> bool:
        return box[1] < self.bottom and box[3] > self.top

    @property
    def box(self) -> tuple[float, float, float, float]:
        return self.left, self.top, self.right, self.bottom

    def row(self) -> list[str | int]:
        left, top = _inside(self.left), _inside(self.top)
        size = (max(1, _inside(self.right) - left), max(1, _inside(self.bottom) - top))
        return ["".join(self.letters), left, top, *size]


def _lines(page: Any, text: Any) -> list[list[list[str | int]]]:
    lines: list[list[_Word]] = []
    for word in _words(page, text):
        last = lines[-1][-1] if lines else None
        if last is not None and last.is_level_with(word.box) and word.left >= last.left:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [[word.row() for word in line] for line in lines]


def _words(page: Any, text: Any) -> Iterator[_Word]:
    place = _Place(page)
    word = _Word()
    for index in range(min(text.count_chars(), MOST_CHARACTERS)):
        letter = chr(min(raw.FPDFText_GetUnicode(text, index), 0x10FFFF))
        if not letter.isprintable() or letter.isspace():
            if word.letters:
                yield word
            word = _Word()
            continue
        box = place.of(text, index)
        if box is None:
            continue
        if word.letters and not word.goes_on_with(box):
            yield word
            word = _Word()
        word.add(letter, box)
    if word.letters:
        yield word


class _Place:
    """From the page's own lengths to parts of what is shown: it may be turned, or cut."""

    def __init__(self, page: Any) -> None:
        self._origin, along, up = (self._shown(page, x, y) for x, y in ((0.0, 0.0), (1000.0, 0.0), (0.0, 1000.0)))
        self._along = tuple((one - zero) / 1000 for one, zero in zip(along, self._origin, strict=True))
        self._up = tuple((one - zero) / 1000 for one, zero in zip(up, self._origin, strict=True))

    @staticmethod
    def _shown(page: Any, x: float, y: float) -> tuple[float, float]:
        left, top = c_int(), c_int()
        raw.FPDF_PageToDevice(page, 0, 0, _FINE, _FINE, 0, x, y, byref(left), byref(top))
        return left.value * PARTS / _FINE, top.value * PARTS / _FINE

    def of(self, text: Any, index: int) -> tuple[float, float, float, float] | None:
        """Left, top, right and bottom of a letter, the height of its font's; None for what has no place."""
        box = raw.FS_RECTF()
        if not raw.FPDFText_GetLooseCharBox(text, index, box):
            return None
        one, other = self._at(box.left, box.top), self._at(box.right, box.bottom)
        return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (
            self._origin[0] + self._along[0] * x + self._up[0] * y,
            self._origin[1] + self._along[1] * x + self._up[1] * y,
        )


def _inside(length: float) -> int:
    return round(min(max(length, 0.0), PARTS))
