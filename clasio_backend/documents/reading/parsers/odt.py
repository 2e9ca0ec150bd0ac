"""OpenDocument text: body with tables, notes and comments; headers and footers from the page styles."""

from typing import IO

from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.parsers.base import CannotRead, Parsed
from clasio_backend.documents.reading.parsers.markup import Rules, read_xml
from clasio_backend.documents.reading.parsers.package import open_package

_BODY = Rules(
    text=frozenset({"p", "h"}),
    line=frozenset({"p", "h"}),
    instead={"tab": "\t", "line-break": "\n", "s": " "},
    cell=frozenset({"table-cell"}),
    row=frozenset({"table-row"}),
    skip=frozenset({"tracked-changes"}),
)


def parse(file: IO[bytes], limits: Limits) -> Parsed:
    """Pages are laid out by the reader's program, so there is no page count."""
    with open_package(file) as archive:
        names = archive.NameToInfo
        if "META-INF/manifest.xml" in names:
            with archive.open("META-INF/manifest.xml") as stream:
                if b"encryption-data" in stream.read(1024 * 1024):
                    raise CannotRead("encrypted", "manifest")
        if "content.xml" not in names:
            raise CannotRead("broken", "content.xml missing")
        texts = []
        for part in ("content.xml", "styles.xml"):
            if part in names:
                with archive.open(part) as stream:
                    texts.append(read_xml(stream, _BODY, limits.max_chars + 1).text.strip())
    return Parsed(["\n".join(text for text in texts if text)])
