"""One parser for each family of formats. Imported in the fork server only."""

import importlib
import io
from typing import IO

from PIL import Image

from clasio_backend.documents.reading.limits import DEFAULT, Limits
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


_SAMPLE_PDF = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R
/Resources<</Font<</F 5 0 R>>>>>> endobj
4 0 obj <</Length 73>> stream
BT /F 12 Tf 9 99 Td (A line of letters that is read as any other is) Tj ET
endstream endobj
5 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>> endobj
trailer <</Root 1 0 R>>
%%EOF
"""


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
    with io.BytesIO(_SAMPLE_PDF) as sample:  # pdfium makes its tables of fonts and letters at the first page
        pdf.parse(sample, DEFAULT)
