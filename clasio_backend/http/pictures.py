"""Pictures that Clasio drew, as answers: an image and nothing else, kept by the caller's browser only."""

from fastapi import Response
from starlette.datastructures import Headers


def is_known(headers: Headers, version: str) -> bool:
    """Whether the caller holds this picture already."""
    tags = (tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(","))
    return f'"{version}"' in tags


def as_picture(picture: bytes | None, version: str) -> Response:
    """304 without a `picture`. The browser asks each time, so that access which has ended shows nothing any more."""
    headers = {
        "ETag": f'"{version}"',
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    if picture is None:
        return Response(status_code=304, headers=headers)
    return Response(picture, media_type="image/webp", headers=headers)
