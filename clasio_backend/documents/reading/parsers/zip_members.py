"""Members of a zip as their bytes are, and not as the directory says: `zipfile` stops where the directory tells it to.

A scanner goes by the headers in front of the members. So these have to say the same as the directory, and there must be
none that the directory does not know.
"""

import struct
import zipfile
import zlib
from typing import IO

_LOCAL = struct.Struct("<4s5H3L2H")  # APPNOTE 4.3.7
_MARK = b"PK\x03\x04"
_HAS_DESCRIPTOR = 0x8
_IN_ZIP64 = 0xFFFFFFFF
_CHUNK_BYTES = 256 * 1024


class Member:
    """Reads a stored or deflated member to the end of its own bytes; `end` is where they end in the file.

    Raises `zipfile.BadZipFile` when they are not what the directory says.
    """

    def __init__(self, file: IO[bytes], info: zipfile.ZipInfo, start: int) -> None:
        self._file, self._info, self._at = file, info, start
        self.end = start + info.compress_size
        self._inflate = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
        self._size = 0

    def read(self, size: int, /) -> bytes:
        piece = self._stored(size) if self._inflate is None else self._inflated(size)
        self._size += len(piece)
        if self._size > self._info.file_size or (not piece and self._size != self._info.file_size):
            raise zipfile.BadZipFile("a member is not as long as the directory says")
        return piece

    def _stored(self, size: int) -> bytes:
        self._file.seek(self._at)
        piece = self._file.read(min(size, self.end - self._at))
        self._at += len(piece)
        return piece

    def _inflated(self, size: int) -> bytes:
        inflate = self._inflate
        assert inflate is not None  # noqa: S101  # only called so
        piece = b""
        while not piece and not inflate.eof:
            packed = inflate.unconsumed_tail or self._stored(_CHUNK_BYTES)
            piece = inflate.decompress(packed, size)
            if not packed and not piece and not inflate.eof:
                raise zipfile.BadZipFile("a member ends too early")
        if not piece and (inflate.unused_data or self._at != self.end):
            raise zipfile.BadZipFile("a member goes on after its end")
        return piece


def zip_member(file: IO[bytes], info: zipfile.ZipInfo) -> Member:
    """The member at its place in the file."""
    file.seek(info.header_offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        raise zipfile.BadZipFile("a member lies outside of the file")
    mark, _, flags, method, _, _, _, packed, unpacked, name, extra = _LOCAL.unpack(head)
    says_later = bool(flags & _HAS_DESCRIPTOR)
    is_same = (packed, unpacked) == (info.compress_size, info.file_size)
    is_same = is_same or (says_later and not packed) or packed == unpacked == _IN_ZIP64
    if mark != _MARK or method != info.compress_type or not is_same:
        raise zipfile.BadZipFile("a member's head says something else than the directory")
    return Member(file, info, info.header_offset + _LOCAL.size + name + extra)


def refuse_hidden(file: IO[bytes], end: int, start: int, *, is_first: bool) -> None:
    """Raises `zipfile.BadZipFile` when members overlap, or a head lies between two that the directory does not name.

    What stands before the first may be anything: it is another file, in front of this one.
    """
    if start < end:
        raise zipfile.BadZipFile("members overlap")
    if is_first:
        return
    file.seek(end)
    if _MARK in file.read(start - end):
        raise zipfile.BadZipFile("a member is hidden between two others")
