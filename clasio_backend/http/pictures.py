"""What Clasio made of pages, as answers: an image or JSON and nothing else, kept by the caller's browser only."""

from fastapi import Response
from starlette.datastructures import Headers


def is_known(headers: Headers, version: str) -> bool:
    """Whether the caller holds this already."""
    tags = (tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(","))
    return f'"{version}"' in tags


def as_kept(content: bytes | None, version: str, media_type: str = "image/webp") -> Response:
    """304 without `content`. The browser asks each time, so that access which has ended shows nothing any more."""
    headers = {
        "ETag": f'"{version}"',
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    if content is None:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
