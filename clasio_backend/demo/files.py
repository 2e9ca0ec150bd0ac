"""Turns drafts into real files of their kinds."""

import io
from collections.abc import Callable

import docx
import openpyxl
import pptx
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen import canvas

from clasio_backend.demo.texts import Draft

_MARGIN, _LINE, _FONT, _SIZE = 60, 18, "Helvetica", 11


def to_file(draft: Draft) -> bytes:
    """The bytes of the file that `draft` describes."""
    return _WRITERS[draft.kind](draft)


def _pdf(draft: Draft) -> bytes:
    width, height = A4
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pagesize=A4, invariant=True)
    page.setTitle(draft.name)
    y = height - _MARGIN
    for number, line in enumerate(draft.lines):
        font, size = ("Helvetica-Bold", 16) if number == 0 else (_FONT, _SIZE)
        for part in simpleSplit(line, font, size, width - 2 * _MARGIN) or [""]:
            if y < _MARGIN:
                page.showPage()
                y = height - _MARGIN
            page.setFont(font, size)
            page.drawString(_MARGIN, y, part)
            y -= _LINE
    page.save()
    return buffer.getvalue()


def _docx(draft: Draft) -> bytes:
    document = docx.Document()
    document.add_heading(draft.lines[0], level=1)
    for line in draft.lines[1:]:
        document.add_paragraph(line)
    return _saved(document.save)


def _xlsx(draft: Draft) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active or book.create_sheet()
    for line in draft.lines:
        sheet.append([int(cell) if cell.isdecimal() else cell for cell in line.split("|")])
    return _saved(book.save)


def _pptx(draft: Draft) -> bytes:
    show = pptx.Presentation()
    for number, line in enumerate(draft.lines):
        slide = show.slides.add_slide(show.slide_layouts[0 if number == 0 else 1])
        title, _, body = line.partition(": ")
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    return _saved(show.save)


def _text(draft: Draft) -> bytes:
    return ("\n".join(draft.lines) + "\n").encode()


def _mail(draft: Draft) -> bytes:
    return ("\r\n".join(draft.lines) + "\r\n").encode()


def _markdown(draft: Draft) -> bytes:
    return ("# " + "\n\n".join(draft.lines) + "\n").encode()


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    save(buffer)
    return buffer.getvalue()


_WRITERS: dict[str, Callable[[Draft], bytes]] = {
    "pdf": _pdf,
    "docx": _docx,
    "xlsx": _xlsx,
    "pptx": _pptx,
    "csv": _text,
    "eml": _mail,
    "md": _markdown,
}
