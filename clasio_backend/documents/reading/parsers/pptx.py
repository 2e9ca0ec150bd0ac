"""PowerPoint: each slide with its tables, then its notes."""

import re
import zipfile
from typing import IO

from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.parsers.base import Parsed
from clasio_backend.documents.reading.parsers.markup import Rules, parse_tree, read_xml
from clasio_backend.documents.reading.parsers.package import main_part, open_package, related

_RULES = Rules(
    text=frozenset({"t"}),
    line=frozenset({"p"}),
    instead={"br": "\n", "tab": "\t"},
    cell=frozenset({"tc"}),
    row=frozenset({"tr"}),
    skip=frozenset({"Fallback"}),
)
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")


def parse(file: IO[bytes], limits: Limits) -> Parsed:
    """One page for each slide, in the order of the show."""
    with open_package(file) as archive:
        slides = _slides(archive)
        pages = [_slide_text(archive, name, limits.max_chars) for name in slides[: limits.max_pages]]
    return Parsed(pages, page_count=len(slides), truncated=len(slides) > limits.max_pages)


def _slides(archive: zipfile.ZipFile) -> list[str]:
    show = main_part(archive, "ppt/presentation.xml")
    relations = related(archive, show)
    with archive.open(show) as stream:
        tree = parse_tree(stream)
    ids = [] if tree is None else [element.get(_RELATION_ID) for element in tree.iter("{*}sldId")]
    ordered = [relations[key][1] for key in ids if key in relations]
    present = [name for name in ordered if name in archive.NameToInfo]
    return present or sorted(filter(_SLIDE.fullmatch, archive.namelist()), key=_number)


def _number(name: str) -> int:
    match = _SLIDE.fullmatch(name)
    return int(match[1]) if match else 0


def _slide_text(archive: zipfile.ZipFile, name: str, max_chars: int) -> str:
    parts = [name]
    wanted = {"notesSlide", "chart", "diagramData", "comments"}
    parts += [other for kind, other in related(archive, name).values() if kind in wanted]
    texts = []
    for part in parts:
        if part in archive.NameToInfo:
            with archive.open(part) as stream:
                texts.append(read_xml(stream, _RULES, max_chars).text.strip())
    return "\n\n".join(text for text in texts if text)
