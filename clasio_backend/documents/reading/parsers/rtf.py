"""Rich text."""

from collections.abc import Callable
from typing import IO

from striprtf import striprtf

from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.parsers.base import Parsed


def parse(file: IO[bytes], limits: Limits) -> Parsed:  # noqa: ARG001 - the time limit bounds it
    """RTF is ASCII; what is not stands for itself in the document's own code page."""
    to_text: Callable[..., str] = striprtf.rtf_to_text  # the library is untyped
    return Parsed([to_text(file.read().decode("latin-1"), errors="replace")])
