"""What every parser takes and gives."""

from dataclasses import dataclass, field
from typing import IO, Literal, Protocol

from clasio_backend.documents.reading.limits import Limits


class CannotRead(Exception):
    """A reason a parser can name itself; `code` is a key of `errors.MESSAGES`."""

    def __init__(self, code: str, cause: str = "") -> None:
        super().__init__(code)
        self.code, self.cause = code, cause


@dataclass(slots=True)
class Parsed:
    """Text not yet normalized, one string for each page (slide, sheet); formats without pages have one string."""

    pages: list[str] = field(default_factory=list)
    page_count: int | None = None
    ocr: Literal["none", "used", "missing"] = "none"
    truncated: bool = False


class Parser(Protocol):
    def __call__(self, file: IO[bytes], limits: Limits) -> Parsed: ...
