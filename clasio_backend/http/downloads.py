"""Bytes as an answer: always an attachment, never shown inline, whatever they claim to be."""

from collections.abc import Iterator
from urllib.parse import quote

from fastapi.responses import StreamingResponse

from clasio_backend.documents.schemas import Content
from clasio_backend.documents.service import stream_content


def as_download(content: Content) -> StreamingResponse:
    """Streams a document's original bytes under its name."""
    return attachment(stream_content(content), content.name, content.size_bytes)


def attachment(pieces: Iterator[bytes], name: str, size_bytes: int) -> StreamingResponse:
    """Streams `pieces`, to be saved as `name` (RFC 6266)."""
    return StreamingResponse(
        pieces,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Length": str(size_bytes),
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )
