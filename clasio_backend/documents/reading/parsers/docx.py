"""Word documents: header, body with tables and text boxes, foot- and endnotes, footer, comments."""

import zipfile
from typing import IO

from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.parsers.base import Parsed
from clasio_backend.documents.reading.parsers.markup import Rules, read_xml
from clasio_backend.documents.reading.parsers.package import main_part, open_package, related

_RULES = Rules(
    text=frozenset({"t"}),
    line=frozenset({"p"}),
    instead={"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"},
    cell=frozenset({"tc"}),
    row=frozenset({"tr"}),
    skip=frozenset({"Fallback", "tabs"}),  # a second form of each text box; the stops of a paragraph's ruler
)
_BEFORE = ("header",)
_AFTER = ("footnotes", "endnotes", "footer", "comments")
_MAX_PARTS = 60


def parse(file: IO[bytes], limits: Limits) -> Parsed:
    """Word lays pages out anew each time, so there is no page count."""
    with open_package(file) as archive:
        body = main_part(archive, "word/document.xml")
        by_kind: dict[str, list[str]] = {}
        for kind, name in related(archive, body).values():
            if name in archive.NameToInfo and name not in by_kind.setdefault(kind, []):
                by_kind[kind].append(name)
        names = [name for kind in _BEFORE for name in by_kind.get(kind, [])]
        names += [body]
        names += [name for kind in _AFTER for name in by_kind.get(kind, [])]
        return Parsed([_text_of(archive, names[:_MAX_PARTS], limits.max_chars)])


def _text_of(archive: zipfile.ZipFile, names: list[str], max_chars: int) -> str:
    seen: dict[str, None] = {}  # first, default and even page share most headers
    for name in names:
        with archive.open(name) as stream:
            seen[read_xml(stream, _RULES, max_chars + 1).text.strip()] = None
    return "\n".join(part for part in seen if part)
