"""Identifiers: UUIDv7, so that keys sort by the time they were made (RFC 9562 §5.7)."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7 of the standard class (psycopg cannot adapt the library's own)."""
    return uuid7()
