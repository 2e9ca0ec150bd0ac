"""Text and pictures of documents. Importing this loads no parser: they live in a child process of their own."""

from clasio_backend.documents.reading.errors import ReaderUnavailable, Unreadable
from clasio_backend.documents.reading.limits import DEFAULT, Limits
from clasio_backend.documents.reading.reader import (
    ReadResult,
    measure_file,
    read_file,
    read_outline,
    read_words,
    render_page,
)
from clasio_backend.documents.reading.sandbox import shut_down, standing_walls, warm_up

__all__ = [
    "DEFAULT",
    "Limits",
    "ReadResult",
    "ReaderUnavailable",
    "Unreadable",
    "measure_file",
    "read_file",
    "read_outline",
    "read_words",
    "render_page",
    "shut_down",
    "standing_walls",
    "warm_up",
]
