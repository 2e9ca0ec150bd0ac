"""Opens a ZIP file that may come from anywhere: what is not exactly an export is refused before any of it is used.

Names are never paths here: nothing is unpacked by its name, and only names that Clasio writes are accepted.
"""

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

from pydantic import BaseModel, ValidationError

from clasio_backend.exports.errors import BadArchive, NewerArchive
from clasio_backend.exports.lines import SCHEMA_VERSION, ExportLine
from clasio_backend.exports.manifest import FORMAT, MANIFEST, Manifest

L = TypeVar("L", bound=ExportLine)

ORGANIZATION = "organization.json"
LISTS = ("documents", "texts", "analyses", "shares", "activity", "categories", "members")
OF_A_PERSON = {"profile.json", "tokens.jsonl", "memberships.jsonl", "sessions.jsonl", "identities.jsonl"}
_DOCUMENT = re.compile(r"documents/[0-9]{6,9} [^/\\\x00-\x1f]{1,200}")

MAX_DIRECTORY_BYTES = 100_000_000
"""The list of members at the end of the file, which is read whole: 100,000 documents need a third of it."""
MAX_MANIFEST_BYTES = 64_000_000
MAX_LINE_BYTES = 64_000_000
MAX_GROWTH = 200
"""How many times larger than the file its content may be: documents are stored as they are, and lines shrink to a
tenth."""
_SMALL = 10_000_000
_PIECE = 256 * 1024
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")


class IncomingArchive:
    """A file that holds what its manifest says, no more and no less; the content itself is checked as it is read."""

    def __init__(self, file: zipfile.ZipFile, manifest: Manifest) -> None:
        self._file = file
        self.manifest = manifest
        self.members = {member.name: member for member in manifest.members}

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of one member; raises `BadArchive` at its end when they are not what the manifest says."""
        member, hashed, size = self.members[name], hashlib.sha256(), 0
        with _damage(name), self._file.open(name) as source:
            while piece := source.read(_PIECE):
                size += len(piece)
                hashed.update(piece)
                yield piece
        if size != member.size_bytes or hashed.hexdigest() != member.sha256:
            raise BadArchive(f"{name} is not what the manifest says: its checksum differs. The file is damaged.")

    def lines(self, name: str, model: type[L]) -> Iterator[L]:
        """The objects of a `.jsonl` member, each checked; raises `BadArchive` with the line's number."""
        rest, number = bytearray(), 0
        for piece in self.pieces(name):
            rest += piece
            *whole, last = rest.split(b"\n")
            rest = bytearray(last)
            if len(rest) > MAX_LINE_BYTES:
                raise BadArchive(f"{name} has a line that is too long.")
            for line in whole:
                number += 1
                yield _parsed(model, bytes(line), f"{name}, line {number}")
        if rest:
            raise BadArchive(f"{name} ends in the middle of a line.")

    def single(self, name: str, model: type[L]) -> L:
        """The one object of a `.json` member."""
        content = b"".join(self.pieces(name))
        return _parsed(model, content, name)


@contextmanager
def open_archive(path: Path) -> Iterator[IncomingArchive]:
    """The export in `path`; raises `BadArchive` or `NewerArchive`."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise BadArchive(f"{path} cannot be read ({error.strerror}).") from error
    with stream:
        if _directory_bytes(stream) > MAX_DIRECTORY_BYTES:
            raise BadArchive("This file lists more members than any export has.")
        try:
            file = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise BadArchive("This is no ZIP file, or it was cut off on the way. Download the export again.") from error
        with file:
            yield _opened(file, path.stat().st_size)


def _opened(file: zipfile.ZipFile, size_bytes: int) -> IncomingArchive:
    infos = {info.filename: info for info in file.infolist()}
    if len(infos) != len(file.infolist()):
        raise BadArchive("This ZIP file names a member twice, which no export does.")
    if MANIFEST not in infos:
        raise BadArchive(f"This ZIP file has no {MANIFEST}, so it is no export, or it was cut off on the way.")
    for info in infos.values():
        _refuse_unsafe(info)
    total = sum(info.file_size for info in infos.values())
    if total > MAX_GROWTH * size_bytes + _SMALL or sum(info.compress_size for info in infos.values()) > size_bytes:
        raise BadArchive("This ZIP file would unpack to far more than any export does, so it was left alone.")
    manifest = _manifest(file, infos[MANIFEST])
    _refuse_unexpected(manifest, infos)
    return IncomingArchive(file, manifest)


def _refuse_unsafe(info: zipfile.ZipInfo) -> None:
    known = info.filename in {MANIFEST, ORGANIZATION, *(f"{name}.jsonl" for name in LISTS)}
    is_other = info.filename in OF_A_PERSON
    if not (known or is_other or _DOCUMENT.fullmatch(info.filename)):
        raise BadArchive(f"This ZIP file has a member that no export has: {info.filename[:100]!r}.")
    if info.flag_bits & 0x1 or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise BadArchive(f"{info.filename} is packed in a way that no export uses.")


def _manifest(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> Manifest:
    if info.file_size > MAX_MANIFEST_BYTES:
        raise BadArchive(f"{MANIFEST} is too large.")
    with _damage(MANIFEST):
        content = file.read(info)
    plain = _json(content, MANIFEST)
    if plain.get("format") != FORMAT:
        raise BadArchive(f"{MANIFEST} is not one of an export of Clasio.")
    version = plain.get("schema_version")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise NewerArchive(version, SCHEMA_VERSION)
    manifest = _checked(Manifest, plain, MANIFEST)
    if manifest.kind != "organization":
        raise BadArchive("This is the export of one person. Only the export of an organization can be imported.")
    return manifest


def _refuse_unexpected(manifest: Manifest, infos: dict[str, zipfile.ZipInfo]) -> None:
    """The manifest's members, their sizes and the required ones are what is there."""
    listed = {member.name: member for member in manifest.members}
    wanted = {ORGANIZATION, *(f"{name}.jsonl" for name in LISTS)}
    if (
        len(listed) != len(manifest.members)
        or listed.keys() != infos.keys() - {MANIFEST}
        or not wanted <= listed.keys()
    ):
        differing = sorted((listed.keys() ^ (infos.keys() - {MANIFEST})) | (wanted - listed.keys()))
        raise BadArchive(f"Manifest and content of this file differ: {', '.join(differing[:3]) or 'a member twice'}.")
    for name, member in listed.items():
        if infos[name].file_size != member.size_bytes:
            raise BadArchive(f"{name} is not as long as the manifest says. The file is damaged.")


def _parsed(model: type[L], line: bytes, where: str) -> L:
    return _checked(model, _json(line, where), where)


def _json(content: bytes, where: str) -> dict[str, Any]:
    try:
        value = json.loads(content.decode())
        _refuse_what_postgres_refuses(value)
    except (ValueError, RecursionError) as error:
        raise BadArchive(f"{where}: this is not the JSON that an export has.") from error
    if not isinstance(value, dict):
        raise BadArchive(f"{where}: this is not the JSON that an export has.")
    return value


def _refuse_what_postgres_refuses(value: Any) -> None:
    """NUL and halves of surrogate pairs, anywhere; raises ValueError."""
    if isinstance(value, str):
        if "\x00" in value:
            raise ValueError("NUL in a text")
        value.encode()
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_what_postgres_refuses(key)
            _refuse_what_postgres_refuses(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_what_postgres_refuses(item)


M = TypeVar("M", bound=BaseModel)


def _checked(model: type[M], value: dict[str, Any], where: str) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the line"
        raise BadArchive(f"{where}: {field} is not right ({first['msg']}).") from error


@contextmanager
def _damage(name: str) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error, OSError) as error:
        raise BadArchive(f"{name} cannot be unpacked. The file is damaged.") from error


def _directory_bytes(stream: IO[bytes]) -> int:
    """How long the list of members says it is; 0 when there is none, which `zipfile` then says better."""
    length = stream.seek(0, 2)
    stream.seek(max(0, length - 65_536 - _END.size - _LOCATOR_64.size))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        return 0
    size = int(_END.unpack_from(tail, at)[5])
    if size != 0xFFFFFFFF or at < _LOCATOR_64.size:
        return size
    stream.seek(min(length, _LOCATOR_64.unpack_from(tail, at - _LOCATOR_64.size)[2]))
    record = stream.read(_END_64.size)
    return int(_END_64.unpack(record)[8]) if len(record) == _END_64.size else 0
