"""Excel workbooks: each sheet's values as people see them, dates included."""

import datetime as dt
import zipfile
from collections.abc import Iterator
from typing import IO, Any

import openpyxl

from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.parsers.base import Parsed
from clasio_backend.documents.reading.parsers.markup import Rules, read_xml
from clasio_backend.documents.reading.parsers.package import open_package

_STRINGS = Rules(text=frozenset({"t"}), line=frozenset({"si", "is"}), instead={}, skip=frozenset({"rPh"}))


def parse(file: IO[bytes], limits: Limits) -> Parsed:
    """One page for each sheet."""
    with open_package(file) as archive:
        try:
            return _sheets(file, limits)
        except (MemoryError, RecursionError):
            raise
        except Exception:  # noqa: BLE001 - openpyxl gives up on one bad style; the texts are still there
            return Parsed([_bare_strings(archive, limits)])


def _sheets(file: IO[bytes], limits: Limits) -> Parsed:
    file.seek(0)
    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    pages: list[str] = []
    room = limits.max_chars
    for sheet in book.worksheets[: limits.max_pages]:
        sheet.reset_dimensions()  # a stated size of a million empty columns would be padded out
        text = "\n".join(_rows(sheet, room))
        room -= len(text)
        pages.append(text)
        if room <= 0:
            break
    return Parsed(pages, page_count=len(book.sheetnames), truncated=room <= 0)


def _rows(sheet: Any, room: int) -> Iterator[str]:
    yield sheet.title
    for row in sheet.iter_rows(values_only=True):
        line = "\t".join(_shown(value) for value in row).strip("\t")
        if line:
            yield line
            room -= len(line)
            if room <= 0:
                return


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return format(value, ".15g")
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    return str(value)


def _bare_strings(archive: zipfile.ZipFile, limits: Limits) -> str:
    names = [name for name in archive.namelist() if name.endswith("sharedStrings.xml") or "/worksheets/sheet" in name]
    texts = []
    for name in sorted(names):
        with archive.open(name) as stream:
            texts.append(read_xml(stream, _STRINGS, limits.max_chars).text)
    return "\n".join(texts)
