"""Random tokens: 256 bits, shown once, stored as a hash.

API tokens carry a prefix and a checksum, so that secret scanners recognise one without asking us.
"""

import hashlib
import secrets
import zlib
from base64 import b32encode

API_TOKEN_PREFIX = "clasio_"  # noqa: S105  # a prefix, not a secret
OPERATOR_TOKEN_PREFIX = "clasioops_"  # noqa: S105  # begins unlike the other, so that neither is taken for the other


def new_token() -> str:
    """A URL-safe token of 256 random bits."""
    return secrets.token_urlsafe(32)


def new_api_token() -> str:
    return _new(API_TOKEN_PREFIX)


def new_operator_token() -> str:
    return _new(OPERATOR_TOKEN_PREFIX)


def looks_like_api_token(token: str) -> bool:
    """Whether prefix and checksum fit: spares the database a look-up of nonsense."""
    return _fits(token, API_TOKEN_PREFIX)


def looks_like_operator_token(token: str) -> bool:
    return _fits(token, OPERATOR_TOKEN_PREFIX)


def _new(prefix: str) -> str:
    body = secrets.token_urlsafe(32)
    return f"{prefix}{body}{_checksum(body)}"


def _fits(token: str, prefix: str) -> bool:
    body, checksum = token.removeprefix(prefix)[:-7], token[-7:]
    return token.startswith(prefix) and _checksum(body) == checksum  # no secret: anybody can compute it


def hash_token(token: str) -> bytes:
    """What is stored: SHA-256 is enough for 256 random bits (no guessing, so no slow hash)."""
    return hashlib.sha256(token.encode()).digest()


def _checksum(body: str) -> str:
    return b32encode(zlib.crc32(body.encode()).to_bytes(4, "big")).decode().rstrip("=").lower()
