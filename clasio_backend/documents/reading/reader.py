"""Read a document's text, or draw a page of it. The bytes are parsed in a limited child process only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from clasio_backend.documents.reading import layout, sandbox
from clasio_backend.documents.reading.errors import Unreadable
from clasio_backend.documents.reading.limits import DEFAULT, Limits
from clasio_backend.documents.reading.text import is_storable

Ocr = Literal["none", "used", "missing"]

_MAX_BYTES_A_CHARACTER = 4
_MEASURING = Limits(memory_mb=768, cpu_seconds=30, wall_seconds=90.0)


@dataclass(frozen=True, slots=True)
class ReadResult:
    """`text` has a form feed between pages (slides, sheets). `ocr` is `missing` where pictures of text were left out.

    `page_count` is None for formats without pages. `truncated` says that a limit cut the text short.
    """

    text: str
    page_count: int | None
    ocr: Ocr
    truncated: bool


def read_file(path: Path, mime_type: str, *, limits: Limits = DEFAULT) -> ReadResult:
    """The text of the file at `path`, normalized and safe to store in Postgres.

    Raises `Unreadable` (permanent: `code` and `message` say why) or `ReaderUnavailable` (try again later).
    """
    if path.stat().st_size == 0:
        raise Unreadable("empty")
    request = {"task": "text", "mime_type": mime_type}
    answer = sandbox.run(path, request, limits, max_bytes=limits.max_chars * _MAX_BYTES_A_CHARACTER).answer
    try:
        text = answer.payload.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("crashed", cause="answer is not UTF-8") from error
    if len(text) > limits.max_chars or not is_storable(text):
        raise Unreadable("crashed", cause="answer is not storable")
    return ReadResult(text, answer.page_count, cast("Ocr", answer.ocr), answer.truncated)


def render_page(path: Path, mime_type: str, page: int, width_px: int, *, limits: Limits = DEFAULT) -> bytes:
    """Page `page` (from 0) of a PDF or an image as WebP, `width_px` wide at most.

    Raises as `read_file`, `Unreadable` with code `no_such_page` or `unsupported` included.
    """
    if path.stat().st_size == 0:
        raise Unreadable("empty")
    request = {"task": "render", "mime_type": mime_type, "page": page, "width_px": width_px}
    payload = sandbox.run(path, request, limits, max_bytes=limits.render_bytes).answer.payload
    if not (payload.startswith(b"RIFF") and payload[8:12] == b"WEBP"):
        raise Unreadable("crashed", cause="answer is not an image")
    return payload


def read_outline(path: Path, mime_type: str, *, limits: Limits = DEFAULT) -> bytes:
    """JSON: [width, height] of each page of a PDF or an image, at most `max_pages`. Raises as `render_page`."""
    if path.stat().st_size == 0:
        raise Unreadable("empty")
    run = sandbox.run(path, {"task": "outline", "mime_type": mime_type}, limits, max_bytes=layout.MOST_BYTES)
    return layout.checked_outline(run.answer.payload, most_pages=limits.max_pages)


def read_words(path: Path, mime_type: str, page: int, *, limits: Limits = DEFAULT) -> bytes:
    """JSON: lines of [word, left, top, width, height] on page `page` (from 0), in parts of the page (`layout.PARTS`).

    None where the page is a picture. Raises as `render_page`.
    """
    if path.stat().st_size == 0:
        raise Unreadable("empty")
    request = {"task": "words", "mime_type": mime_type, "page": page}
    return layout.checked_words(sandbox.run(path, request, limits, max_bytes=layout.MOST_BYTES).answer.payload)


def measure_file(path: Path, mime_type: str) -> None:
    """Unpacks all that is packed in the file, only to count it: returns when a virus scanner can look at all of it.

    Raises `Unreadable` when it cannot (`cause` names the limit that is passed), or `ReaderUnavailable`.
    """
    if path.stat().st_size:
        sandbox.run(path, {"task": "measure", "mime_type": mime_type}, _MEASURING, max_bytes=0)
