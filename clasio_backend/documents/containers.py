"""A safe first look into zip containers (docx, xlsx, pptx, odt), before anything of them is unpacked.

The directory is measured by hand first: `zipfile` builds an object for each entry, so a 50 MB file made of directory
entries alone would cost half a gigabyte in the web process.
"""

import struct
import zipfile
from dataclasses import dataclass
from typing import IO

_END = struct.Struct("<4s4H2LH")  # end of central directory, APPNOTE 4.3.16
_END_MARK = b"PK\x05\x06"
_LONGEST_COMMENT = 65_535

MAX_MEMBERS = 10_000
MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
MAX_RATIO = 150
RATIO_MATTERS_FROM_BYTES = 50 * 1024 * 1024  # a small sheet of zeros may well shrink 500 times


class NotAZip(Exception):
    """The bytes are not a zip container, or its directory is missing (a broken-off download)."""


class ZipTooComplex(Exception):
    """Unpacked, the container would be far larger than an honest document."""


@dataclass(frozen=True, slots=True)
class Container:
    """What the directory of a zip says; nothing has been unpacked but `mimetype`."""

    names: frozenset[str]
    mimetype: str


def look_into(file: IO[bytes]) -> Container:
    """Names in the container, and the `mimetype` member of OpenDocument files.

    Raises `NotAZip` or `ZipTooComplex`.
    """
    with open_zip(file) as archive:
        names = frozenset(archive.namelist())
        mimetype = _mimetype(archive) if "mimetype" in names else ""
    return Container(names, mimetype)


def open_zip(file: IO[bytes]) -> zipfile.ZipFile:
    """The archive, once its directory has been found harmless."""
    _measure_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, struct.error, EOFError) as error:
        raise NotAZip from error
    infos = archive.infolist()
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos) or 1
    if len(infos) > MAX_MEMBERS or total > MAX_UNPACKED_BYTES:
        raise ZipTooComplex
    if total > RATIO_MATTERS_FROM_BYTES and total / packed > MAX_RATIO:
        raise ZipTooComplex
    return archive


def _measure_directory(file: IO[bytes]) -> None:
    size = file.seek(0, 2)
    tail_size = min(size, _END.size + _LONGEST_COMMENT)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    at = tail.rfind(_END_MARK)
    if at < 0 or at + _END.size > len(tail):
        raise NotAZip
    members, directory_bytes = _END.unpack_from(tail, at)[4:6]
    if members > MAX_MEMBERS or directory_bytes > MAX_DIRECTORY_BYTES:
        raise ZipTooComplex  # zip64's markers (0xFFFF, 0xFFFFFFFF) land here too: no document of 50 MB needs them
    file.seek(0)


def _mimetype(archive: zipfile.ZipFile) -> str:
    try:
        with archive.open("mimetype") as member:
            return member.read(100).decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        return ""
