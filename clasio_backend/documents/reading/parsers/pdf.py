"""PDF: the text layer by pdfium, values of form fields, OCR for pages that are pictures only.

pdfium reads damaged files that others refuse; where it cannot open one, pypdf has a try.
"""

import re
from collections.abc import Callable
from contextlib import closing, suppress
from typing import IO, Any

import pypdfium2 as pdfium
from pypdf import PdfReader
from pypdfium2 import raw

from clasio_backend.documents.reading.limits import MB, Limits
from clasio_backend.documents.reading.parsers.base import CannotRead, Parsed
from clasio_backend.documents.reading.parsers.ocr import LONG_SIDE_PX, OutOfTime, Recognizer
from clasio_backend.documents.reading.parsers.pdf_forms import field_values

_IN_MEMORY_UP_TO = 64 * MB
_FEW_CHARACTERS = 25  # a stamp or a page number over a scanned page
_UNMAPPED = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")
_POINTS_TO_OCR_PX = 300 / 72


def parse(file: IO[bytes], limits: Limits) -> Parsed:
    """One page for each page."""
    try:
        document = open_pdf(file)
    except pdfium.PdfiumError as error:
        return _by_pypdf(file, limits, error)
    with closing(document):
        with suppress(pdfium.PdfiumError):
            document.init_forms()
        return _by_pdfium(document, limits)


def open_pdf(file: IO[bytes]) -> Any:
    """Raises `CannotRead` for encrypted files, `PdfiumError` for others that pdfium cannot open."""
    size = file.seek(0, 2)
    file.seek(0)
    try:
        document = pdfium.PdfDocument(file.read() if size <= _IN_MEMORY_UP_TO else file)
    except pdfium.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise CannotRead("encrypted", "pdfium") from error
        raise
    if len(document) == 0:
        document.close()
        raise pdfium.PdfiumError("no pages")
    return document


def _by_pdfium(document: Any, limits: Limits) -> Parsed:
    count = len(document)
    parsed = Parsed(page_count=count, truncated=count > limits.max_pages)
    room = limits.max_chars
    pictures: list[int] = []
    for index in range(min(count, limits.max_pages)):
        text, is_picture = _page(document, index)
        if is_picture:
            pictures.append(index)
        parsed.pages.append(text)
        room -= len(text)
        if room <= 0:
            parsed.truncated = True
            break
    if pictures:
        _recognize(document, pictures, parsed, limits)
    return parsed


def _page(document: Any, index: int) -> tuple[str, bool]:
    """Text of a page, and whether a person would see more text there than it holds."""
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return "", False  # one broken page does not spoil the others
    with closing(page):
        with closing(page.get_textpage()) as text_page:
            text = text_page.get_text_range()
        if document.formenv is not None:
            text = "\n".join([text, *field_values(document, page)])
        visible = text.strip()
        unmapped = len(_UNMAPPED.findall(visible)) > len(visible) / 3
        if len(visible) > _FEW_CHARACTERS and not unmapped:
            return text, False
        return ("" if unmapped else text), _shows_something(page, anything=not visible or unmapped)


def _shows_something(page: Any, *, anything: bool) -> bool:
    """Whether the page has a picture (or, when `anything` counts, drawn outlines of letters)."""
    kinds = {raw.FPDF_PAGEOBJ_IMAGE}
    if anything:
        kinds |= {raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING, raw.FPDF_PAGEOBJ_TEXT}
    with suppress(pdfium.PdfiumError):
        return any(item.type in kinds for item in page.get_objects(max_depth=4))
    return False


def _recognize(document: Any, pictures: list[int], parsed: Parsed, limits: Limits) -> None:
    recognizer = Recognizer(limits)
    if not recognizer:
        parsed.ocr = "missing"
        return
    parsed.ocr = "used"
    try:
        for index in pictures:
            with suppress(pdfium.PdfiumError):  # one page that cannot be drawn does not spoil the others
                found = recognizer.text_of(draw(document, index, _ocr_scale).convert("L"))
                parsed.pages[index] = "\n".join(part for part in (parsed.pages[index].strip(), found) if part)
    except OutOfTime:
        parsed.truncated = True
        if not any(page.strip() for page in parsed.pages):
            raise CannotRead("timeout", "OCR") from None
    recognizer.settle(parsed)


def draw(document: Any, index: int, scale_for: Callable[[float, float], float]) -> Any:
    """A page as a picture; its scale comes from its size, as a page may claim to be two kilometres wide."""
    with closing(document[index]) as page:
        width, height = page.get_size()
        bitmap = page.render(scale=scale_for(max(width, 1.0), max(height, 1.0)), grayscale=scale_for is _ocr_scale)
        with closing(bitmap):
            return bitmap.to_pil().copy()


def _ocr_scale(width: float, height: float) -> float:
    return min(LONG_SIDE_PX / max(width, height), 2 * _POINTS_TO_OCR_PX)


def _by_pypdf(file: IO[bytes], limits: Limits, cause: Exception) -> Parsed:
    file.seek(0)
    try:
        reader = PdfReader(file, strict=False)
        encrypted = reader.is_encrypted
        pages = [] if encrypted else [page.extract_text() for page in reader.pages[: limits.max_pages]]
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        raise CannotRead("broken", str(cause)) from error
    if encrypted:
        raise CannotRead("encrypted", "pypdf")
    if not any(page.strip() for page in pages):
        raise CannotRead("broken", str(cause))
    return Parsed(pages, page_count=len(reader.pages), truncated=len(reader.pages) > limits.max_pages)
