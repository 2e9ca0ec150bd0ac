"""How much is packed in a file: counted by unpacking it, member by member, before a virus scanner sees it.

A scanner leaves off at its limits and may still say that a file is clean: clamd passes a virus at the end of a member
of 300 MB. So what would pass the limits that clamd has by default is not scanned at all. What a directory says about
its members is not believed. Formats with no reader here (7z, rar …) inside a mail are the scanner's alone.
"""

import bz2
import email
import email.policy
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from email.message import Message
from typing import IO, Protocol

from clasio_backend.documents.containers import NotAZip, ZipTooComplex, open_zip
from clasio_backend.documents.reading.parsers.base import CannotRead
from clasio_backend.documents.reading.parsers.zip_members import refuse_hidden, zip_member

MAX_MEMBER_BYTES = 95_000_000
MAX_TOTAL_BYTES = 380_000_000
MAX_MEMBERS = 5_000
MAX_DEPTH = 6
MAX_RATIO = 150
RATIO_MATTERS_FROM_BYTES = 50_000_000
MAX_HELD_BYTES = 160_000_000
"""Of members that are archives themselves, one in the other: these have to be held in memory."""
MAX_MAIL_PARTS = 1_000
MAIL = "message/rfc822"
_CHUNK_BYTES = 256 * 1024
_HEAD_BYTES = 512
_ZIP, _GZIP, _BZIP2, _XZ = b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"
_PACKED = (_ZIP, _GZIP, _BZIP2, _XZ)
_TAR_AT, _TAR = 257, b"ustar"
_ENCRYPTED = 0x1
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    lzma.LZMAError,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def measure(file: IO[bytes], mime_type: str) -> None:
    """Raises `CannotRead` with the limit that the file passes as its cause."""
    size = file.seek(0, io.SEEK_END)
    _Measuring(size).look(file, size, depth=0, is_mail=mime_type == MAIL)


def _too_much(cause: str) -> CannotRead:
    return CannotRead("too_complex", cause)


class _Measuring:
    """What has been counted so far, in the whole file."""

    def __init__(self, packed_bytes: int) -> None:
        self._packed = max(packed_bytes, 1)
        self._total = self._members = self._held = 0

    def look(self, file: IO[bytes], size: int, *, depth: int, is_mail: bool = False) -> None:
        """Counts what is packed in `file`, by what it is and not by what it is called."""
        if depth > MAX_DEPTH:
            raise _too_much("depth")
        file.seek(0)
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        try:
            if head.startswith(_GZIP):
                self._stream(gzip.GzipFile(fileobj=file), depth)
            elif head.startswith(_BZIP2):
                self._stream(bz2.BZ2File(file), depth)
            elif head.startswith(_XZ):
                self._stream(lzma.LZMAFile(file), depth)  # noqa: SIM115  # closes nothing that is ours
            elif head[_TAR_AT:].startswith(_TAR):
                self._tar(file, depth)
            elif is_mail or _looks_like_mail(head):
                self._mail(file, size, depth)
        except _BROKEN as error:
            raise _too_much("damaged") from error
        self._zip(file, depth, must_open=head.startswith(_ZIP))

    def _zip(self, file: IO[bytes], depth: int, *, must_open: bool) -> None:
        """A zip is read from its end, so anything may stand before it: a picture, a PDF."""
        try:
            archive = open_zip(file)
        except ZipTooComplex as error:
            raise _too_much("directory") from error
        except NotAZip as error:
            if must_open:
                raise _too_much("damaged") from error
            return
        try:
            ends = [0]
            for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
                self._count_member()
                member = zip_member(file, info)
                refuse_hidden(file, ends[-1], info.header_offset, is_first=len(ends) == 1)
                ends.append(member.end)
                if info.flag_bits & _ENCRYPTED:  # nobody can look inside; what it says of itself must do
                    self._count(info.file_size, info.file_size)
                elif info.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                    self._member(member, depth)
                else:
                    with archive.open(info) as other:
                        self._member(other, depth)
            refuse_hidden(file, ends[-1], archive.start_dir, is_first=len(ends) == 1)
        except _BROKEN as error:
            if must_open:
                raise _too_much("damaged") from error

    def _tar(self, file: IO[bytes], depth: int) -> None:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            for info in archive:
                self._count_member()
                member = archive.extractfile(info) if info.isreg() else None
                if member is not None:
                    self._member(member, depth)

    def _stream(self, file: Readable, depth: int) -> None:
        self._count_member()
        self._member(file, depth)

    def _mail(self, file: IO[bytes], size: int, depth: int) -> None:
        self._hold(size)
        message = email.message_from_binary_file(file, policy=email.policy.compat32)
        for part in _parts(message):
            self._count_member()
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload:
                self._count(len(payload), len(payload))
                self.look(io.BytesIO(payload), len(payload), depth=depth + 1)
        self._held -= size

    def _member(self, member: Readable, depth: int) -> None:
        """Counts a member to its end, and looks into it when it is packed itself."""
        head = member.read(_HEAD_BYTES)
        is_packed = head.startswith(_PACKED) or head[_TAR_AT:].startswith(_TAR) or _looks_like_mail(head)
        kept = io.BytesIO()
        size, piece = 0, head
        while piece:
            size += len(piece)
            self._count(len(piece), size)
            if is_packed:
                self._hold(len(piece))
                kept.write(piece)
            piece = member.read(_CHUNK_BYTES)
        if is_packed:
            self.look(kept, size, depth=depth + 1)
            self._held -= size

    def _count(self, more: int, member_bytes: int) -> None:
        self._total += more
        if member_bytes > MAX_MEMBER_BYTES:
            raise _too_much("member size")
        if self._total > MAX_TOTAL_BYTES:
            raise _too_much("total size")
        if self._total > RATIO_MATTERS_FROM_BYTES and self._total / self._packed > MAX_RATIO:
            raise _too_much("ratio")

    def _count_member(self) -> None:
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise _too_much("members")

    def _hold(self, more: int) -> None:
        self._held += more
        if self._held > MAX_HELD_BYTES:
            raise _too_much("packed in packed")


def _looks_like_mail(head: bytes) -> bool:
    """Begins with a line of a mail's head that names one of its usual fields."""
    first = head.lstrip().partition(b":")[0].lower()
    return first in _MAIL_FIELDS


_MAIL_FIELDS = frozenset({
    b"bcc", b"cc", b"content-type", b"date", b"delivered-to", b"from", b"message-id", b"mime-version", b"received",
    b"reply-to", b"return-path", b"sender", b"subject", b"to", b"x-mailer", b"x-original-to", b"dkim-signature",
    b"arc-seal", b"authentication-results", b"content-transfer-encoding", b"x-received",
})  # fmt: skip


def _parts(message: Message) -> Iterator[Message]:
    """All leaves of a mail, mails in it included; without recursion, however deep they are nested."""
    waiting, depths = [message], [0]
    while waiting:
        part, depth = waiting.pop(), depths.pop()
        if depth > MAX_DEPTH * 3:
            raise _too_much("depth")
        payload = part.get_payload()
        if isinstance(payload, list):
            waiting += [inner for inner in payload if isinstance(inner, Message)]
            depths += [depth + 1] * (len(waiting) - len(depths))
        else:
            yield part
        if len(waiting) > MAX_MAIL_PARTS:
            raise _too_much("members")
