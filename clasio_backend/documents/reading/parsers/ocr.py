"""Text from pictures by tesseract, when it is installed.

Runs inside the limited child, so tesseract inherits its limits and its process group: whatever ends the child ends it.
"""

import io
import os
import resource
import shutil
import signal
import subprocess
import time
from functools import partial

from PIL import Image

from clasio_backend.documents.reading import linux
from clasio_backend.documents.reading.limits import MB, Limits
from clasio_backend.documents.reading.parsers.base import CannotRead, Parsed
from clasio_backend.documents.reading.parsers.ocr_layout import Page, from_table

LONG_SIDE_PX = 2400  # A4 at 205 dpi: no phrase of the corpus is lost against 240 dpi, in four fifths of the time
_POOR_CONFIDENCE = 65.0  # a page lying on its side has about 45, a photographed receipt 85


class OutOfTime(Exception):
    """No time is left for further pages; what was recognized so far is worth keeping."""


class Recognizer:
    """Tesseract with this document's budget of time. Falsy when it is not installed; `failed` once it gave up."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.pages_done = 0
        self.failed = False
        self._program = shutil.which("tesseract")
        installed = self._installed_languages() if self._program else []
        wanted = [language for language in limits.ocr_languages if language in installed]
        self._languages = "+".join(wanted or [name for name in installed if name != "osd"][:1])
        self._knows_orientation = "osd" in installed
        self._until = time.monotonic() + limits.ocr_seconds

    def __bool__(self) -> bool:
        return bool(self._program and self._languages)

    def text_of(self, image: Image.Image) -> str:
        """Text of one page. Raises `OutOfTime` when this page has no time left."""
        if self.pages_done >= self._limits.ocr_pages:
            raise OutOfTime
        picture = _portable_graymap(image)
        page = self._run(picture, layout="3")
        if page.confidence < _POOR_CONFIDENCE and self._knows_orientation:
            turned = self._run(picture, layout="1")  # finds the orientation first
            page = max(page, turned, key=lambda one: one.confidence)
        self.pages_done += 1
        return page.text

    def settle(self, parsed: Parsed) -> None:
        """Say so when tesseract gave up: some text is missing, or all of it."""
        if self.failed:
            parsed.truncated = True
            if not any(page.strip() for page in parsed.pages):
                raise CannotRead("crashed", "tesseract")

    def _run(self, picture: bytes, layout: str) -> Page:
        left = min(self._limits.ocr_page_seconds, self._until - time.monotonic())
        if left <= 1.0:
            raise OutOfTime
        arguments = ["stdin", "stdout", "-l", self._languages, "--psm", layout, "--dpi", "300"]
        return from_table(self._call([*arguments, "-c", "tessedit_create_tsv=1"], picture, left))

    def _installed_languages(self) -> list[str]:
        listing = self._call(["--list-langs"], b"", 10.0)
        return [line.strip() for line in listing.splitlines()[1:]]

    def _call(self, arguments: list[str], picture: bytes, seconds: float) -> str:
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program; the document is its input only
                [self._program or "", *arguments],
                input=picture,
                stdout=subprocess.PIPE,  # what it complains about goes where this process's own complaints go
                check=False,
                preexec_fn=partial(self._limit, seconds),  # safe: this process has one thread
            )
        except OSError as error:
            raise CannotRead("ocr_missing", type(error).__name__) from error
        if done.returncode == -signal.SIGALRM:
            raise OutOfTime
        self.failed = self.failed or done.returncode != 0
        return done.stdout.decode("utf-8", "replace")

    def _limit(self, seconds: float) -> None:
        linux.die_with_parent()
        signal.setitimer(signal.ITIMER_REAL, seconds)  # ends it: this process may send no signal to another
        memory = self._limits.ocr_memory_mb * MB
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        os.nice(5)  # pages being drawn for people come first


def _portable_graymap(image: Image.Image) -> bytes:
    """Uncompressed: packing as PNG would take longer than passing it through the pipe."""
    buffer = io.BytesIO()
    image.convert("L").save(buffer, "ppm")
    return buffer.getvalue()
