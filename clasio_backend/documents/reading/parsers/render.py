"""A page as a picture for the viewer and for thumbnails."""

import io
from contextlib import closing
from typing import IO

import pypdfium2 as pdfium
from PIL import Image, ImageOps

from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.parsers.base import CannotRead
from clasio_backend.documents.reading.parsers.image import flat, open_image
from clasio_backend.documents.reading.parsers.pdf import draw, open_pdf

_WIDEST_PX = 4000
_TALLEST_PX = 8000


def render(file: IO[bytes], mime_type: str, page: int, width_px: int, limits: Limits) -> bytes:
    """WebP, `width_px` wide or less where the page is very tall."""
    width = max(16, min(width_px, _WIDEST_PX))
    if mime_type == "application/pdf":
        picture = _pdf_page(file, page, width)
    elif mime_type.startswith("image/"):
        picture = _image_page(file, page, width, limits)
    else:
        raise CannotRead("unsupported")
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "WEBP", quality=80, method=2)
    return buffer.getvalue()


def _pdf_page(file: IO[bytes], page: int, width_px: int) -> Image.Image:
    def scale_for(width: float, height: float) -> float:
        return min(width_px / width, _TALLEST_PX / height)

    try:
        with closing(open_pdf(file)) as document:
            if not 0 <= page < len(document):
                raise CannotRead("no_such_page")
            document.init_forms()
            picture: Image.Image = draw(document, page, scale_for)
            return picture
    except pdfium.PdfiumError as error:
        raise CannotRead("broken", "pdfium") from error


def _image_page(file: IO[bytes], page: int, width_px: int, limits: Limits) -> Image.Image:
    with open_image(file, limits, gray=False) as image:
        if not 0 <= page < int(getattr(image, "n_frames", 1)):
            raise CannotRead("no_such_page")
        image.seek(page)
        upright = flat(ImageOps.exif_transpose(image))
        upright.thumbnail((width_px, _TALLEST_PX), Image.Resampling.LANCZOS)
        return upright
