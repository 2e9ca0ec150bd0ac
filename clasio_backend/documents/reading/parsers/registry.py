"""One parser for each family of formats. Imported in the fork server only."""

import importlib
from typing import IO

from PIL import Image

from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.parsers import docx, eml, html, image, odt, pdf, plain, pptx, rtf, xlsx
from clasio_backend.documents.reading.parsers.base import CannotRead, Parsed, Parser

_OFFICE = "application/vnd.openxmlformats-officedocument."
_PARSERS: dict[str, Parser] = {
    "application/pdf": pdf.parse,
    f"{_OFFICE}wordprocessingml.document": docx.parse,
    f"{_OFFICE}spreadsheetml.sheet": xlsx.parse,
    f"{_OFFICE}presentationml.presentation": pptx.parse,
    "application/vnd.oasis.opendocument.text": odt.parse,
    "application/rtf": rtf.parse,
    "text/plain": plain.parse,
    "text/markdown": plain.parse,
    "text/csv": plain.parse,
    "text/html": html.parse,
    "message/rfc822": eml.parse,
    "image/png": image.parse,
    "image/jpeg": image.parse,
    "image/webp": image.parse,
    "image/tiff": image.parse,
}


def parse(file: IO[bytes], mime_type: str, limits: Limits) -> Parsed:
    """Read one document; raises `CannotRead`, or anything a library raises on broken bytes."""
    parser = _PARSERS.get(mime_type)
    if parser is None:
        raise CannotRead("unsupported")
    return parser(file, limits)


def preload() -> None:
    """Load what libraries load late."""
    Image.init()
    importlib.import_module("pypdf.filters")
