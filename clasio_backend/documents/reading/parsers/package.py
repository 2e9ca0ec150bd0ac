"""Parts of an Office Open XML package (docx, pptx, xlsx): the zip, its relations, its encryption."""

import posixpath
import zipfile
from typing import IO

from clasio_backend.documents.containers import NotAZip, ZipTooComplex, open_zip
from clasio_backend.documents.reading.parsers.base import CannotRead
from clasio_backend.documents.reading.parsers.markup import parse_tree

_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def open_package(file: IO[bytes]) -> zipfile.ZipFile:
    """The zip, or the reason why there is none."""
    head = file.read(8)
    file.seek(0)
    if head == _OLE_MARK:
        raise CannotRead("encrypted", "OLE container")
    try:
        return open_zip(file)
    except NotAZip as error:
        raise CannotRead("broken", "not a zip") from error
    except ZipTooComplex as error:
        raise CannotRead("too_complex", "zip directory") from error


def related(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Relations of a part: id to (kind, name of the other part); those out of the package are left out."""
    folder, name = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations not in archive.NameToInfo:
        return {}
    with archive.open(relations) as stream:
        tree = parse_tree(stream)
    found: dict[str, tuple[str, str]] = {}
    for element in () if tree is None else tree.iter("{*}Relationship"):
        if element.get("TargetMode") == "External":
            continue
        target = element.get("Target") or ""
        target = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[element.get("Id") or str(len(found))] = ((element.get("Type") or "").rpartition("/")[2], target)
    return found


def main_part(archive: zipfile.ZipFile, usual: str) -> str:
    """The part the package says it is about; Word on the web calls it `document2.xml` at times."""
    for kind, name in related(archive, "").values():
        if kind == "officeDocument" and name in archive.NameToInfo:
            return name
    if usual in archive.NameToInfo:
        return usual
    raise CannotRead("broken", "main part missing")
