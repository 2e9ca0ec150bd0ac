"""Images: text by OCR; a TIFF may have many pages."""

import warnings
from collections.abc import Iterator
from typing import IO

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.parsers.base import CannotRead, Parsed
from clasio_backend.documents.reading.parsers.ocr import LONG_SIDE_PX, OutOfTime, Recognizer

_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF")
_MOST_ENLARGED = 4.0


def parse(file: IO[bytes], limits: Limits) -> Parsed:
    """One page for each frame of a TIFF."""
    with open_image(file, limits) as image:
        count = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
        recognizer = Recognizer(limits)
        if not recognizer:
            raise CannotRead("ocr_missing")
        parsed = Parsed(page_count=count, ocr="used")
        try:
            for frame in _frames(image, count, limits):
                parsed.pages.append(recognizer.text_of(for_ocr(frame)))
        except OutOfTime:
            if not parsed.pages:
                raise CannotRead("timeout", "OCR") from None
            parsed.truncated = True
        recognizer.settle(parsed)
    return parsed


def open_image(file: IO[bytes], limits: Limits, *, gray: bool = True) -> Image.Image:
    """The image, not yet decoded; its pixels have been counted from its header."""
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = limits.image_pixels
    try:
        image = Image.open(file, formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise CannotRead("broken", "not an image") from error
    except Image.DecompressionBombError as error:
        raise CannotRead("too_complex", "pixels") from error
    _check_pixels(image, limits)
    image.draft("L" if gray else "RGB", (LONG_SIDE_PX, LONG_SIDE_PX))  # JPEG decodes straight to a smaller picture
    return image


def for_ocr(image: Image.Image) -> Image.Image:
    """Upright, gray on white, of the size that tesseract reads best."""
    upright = flat(ImageOps.exif_transpose(image)).convert("L")
    scale = min(LONG_SIDE_PX / max(upright.size), _MOST_ENLARGED)
    if 0.9 < scale < 1.1:
        return upright
    size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
    return upright.resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC)


def flat(image: Image.Image) -> Image.Image:
    """Without transparency: what is seen through it is white paper."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda level: level / 256).convert("L")
    if "A" not in image.mode and "transparency" not in image.info:
        return image
    layered = image.convert("RGBA")
    paper = Image.new("RGBA", layered.size, "white")
    paper.alpha_composite(layered)
    return paper.convert("RGB")


def _frames(image: Image.Image, count: int, limits: Limits) -> Iterator[Image.Image]:
    for index, frame in enumerate(ImageSequence.Iterator(image)):
        if index >= count:
            return
        _check_pixels(frame, limits)
        yield frame


def _check_pixels(image: Image.Image, limits: Limits) -> None:
    if image.width * image.height > limits.image_pixels:
        raise CannotRead("too_complex", "pixels")
