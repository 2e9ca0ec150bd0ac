"""Takes a multipart upload apart while it arrives: one part `file`, written to a nameless file, hashed and counted.

The whole body is never in memory, and a body that is too large, or for which the plan has no room, is refused as soon
as that shows.
"""

import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import IO, Self

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.nameless import path_of
from clasio_backend.documents.schemas import IncomingFile, UploadLimit
from clasio_backend.integrations.storage import storage_errors

FIELD = b"file"
FORM_OVERHEAD_BYTES = 64 * 1024
"""What a form may hold besides the file."""
MAX_HEADER_BYTES = 16 * 1024


class NoFile(ValidationFailed):
    code = "no_file"

    def __init__(self) -> None:
        super().__init__(
            "Send the file as multipart/form-data in a field named file.", {"file": "missing or without a name"}
        )


class _Receiver:
    """The parser's callbacks: keeps the first part named `file`, skips every other."""

    def __init__(self, limit: UploadLimit) -> None:
        self._limit = limit
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="clasio-upload-")  # noqa: SIM115  # closed in __exit__
        self._hash = hashlib.sha256()
        self._size = 0
        self._name: str | None = None
        self._headers: dict[bytes, bytes] = {}
        self._header_name = b""
        self._header_value = b""
        self._wanted = False
        self._is_whole = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # on a full disk it tries once more to write
            self._file.close()

    def parser(self, boundary: bytes) -> MultipartParser:
        return MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_end": self._on_end,
            },
        )

    def _begin(self) -> None:
        self._headers, self._header_name, self._header_value, self._wanted = {}, b"", b"", False

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]
        self._refuse_long_header()

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]
        self._refuse_long_header()

    def _refuse_long_header(self) -> None:
        if len(self._header_name) + len(self._header_value) > MAX_HEADER_BYTES:
            raise NoFile

    def _on_header_end(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"filename")
        self._wanted = self._name is None and options.get(b"name") == FIELD and bool(name)
        if self._wanted and name is not None:
            self._name = name.decode("utf-8", "replace")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if not self._wanted:
            return
        self._size += end - start
        if self._size > self._limit.size_bytes:
            raise self._limit.refusal
        piece = memoryview(data)[start:end]
        self._hash.update(piece)
        with storage_errors():
            self._file.write(piece)

    def _on_end(self) -> None:
        self._is_whole = True

    def finish(self) -> IncomingFile:
        """The file; a form without its closing boundary was cut off on the way, so nothing of it counts."""
        if self._name is None or not self._is_whole:
            raise NoFile
        self._file.flush()
        return IncomingFile(path_of(self._file), self._name, self._size, self._hash.hexdigest())


@asynccontextmanager
async def received_file(request: Request, limit: UploadLimit) -> AsyncIterator[IncomingFile]:
    """The uploaded file, gone again when the block ends; raises `NoFile` or what `limit` says."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise NoFile
    left = limit.size_bytes + FORM_OVERHEAD_BYTES
    with _Receiver(limit) as receiver:
        try:
            parser = receiver.parser(boundary)
            async for piece in request.stream():
                left -= len(piece)
                if left < 0:  # the file may be small: what is around it is not
                    raise limit.refusal
                parser.write(piece)
            parser.finalize()
        except (FormParserError, ClientDisconnect) as error:
            raise NoFile from error
        with storage_errors():
            file = receiver.finish()
        yield file


def declared_size(request: Request) -> int | None:
    """The file's size as far as `Content-Length` tells it: the body is a little longer than the file."""
    length = request.headers.get("content-length", "")
    return max(0, int(length) - FORM_OVERHEAD_BYTES) if length.isdecimal() else None
