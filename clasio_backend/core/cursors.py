"""Keyset cursors: the sort value and id of the last row, so that page 1,000 costs what page 1 costs."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any
from uuid import UUID

from clasio_backend.core.errors import ValidationFailed


def encode_cursor(*values: Any) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[str, UUID]:
    """The sort value, as text, and the id; raises `ValidationFailed` for anything we did not make."""
    try:
        value, row_id = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return _text(value), UUID(row_id)
    except (ValueError, TypeError, AttributeError) as error:
        raise ValidationFailed(
            "This cursor is not one of ours. Start again without it.", {"cursor": "not a cursor"}, code="bad_cursor"
        ) from error


def decode_time_cursor(cursor: str) -> tuple[datetime, UUID]:
    """The moment and the id of the last row of a list in order of time; raises `ValidationFailed`."""
    value, row_id = decode_cursor(cursor)
    try:
        return datetime.fromisoformat(value), row_id
    except ValueError as error:
        raise ValidationFailed(
            "This cursor belongs to another list. Start again without it.", {"cursor": "of another list"}
        ) from error


def _text(value: Any) -> str:
    """`value` if Postgres can take it as text: no NUL, no half of a surrogate pair."""
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("not a text")
    value.encode()
    return value
