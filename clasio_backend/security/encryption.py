"""Small secrets at rest: AES-256-GCM under a key derived from SECRET_KEY, one for each purpose.

SECRET_KEY may be a list: its first key seals, every one of them unseals. `./clasio rotate-keys` seals again under the
first what is kept in the database, so that the others can be taken off the list.
"""

import secrets
from contextlib import suppress
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ClasioError

_FORMAT = b"\x01"
_NONCE_BYTES = 12


class CannotUnseal(ClasioError):
    """The text was changed, belongs elsewhere, or was sealed under another SECRET_KEY."""

    code = "cannot_unseal"
    status = 500

    def __init__(self) -> None:
        super().__init__("This was encrypted with another SECRET_KEY. Put the former one back: new,old.")


def seal(plain: bytes, *, purpose: str, belongs_to: str) -> bytes:
    """Format byte, nonce, ciphertext with tag. `belongs_to` ties it to one row: moved to another it does not open."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    cipher = _ciphers(purpose, get_settings().secret_keys)[0]
    return _FORMAT + nonce + cipher.encrypt(nonce, plain, belongs_to.encode())


def unseal(sealed: bytes, *, purpose: str, belongs_to: str) -> bytes:
    """What `seal` was given; raises `CannotUnseal`."""
    if sealed[:1] != _FORMAT:
        raise CannotUnseal
    nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    for cipher in _ciphers(purpose, get_settings().secret_keys):
        with suppress(InvalidTag, ValueError):
            return cipher.decrypt(nonce, text, belongs_to.encode())
    raise CannotUnseal


def is_sealed_with_first(sealed: bytes, *, purpose: str, belongs_to: str) -> bool:
    """Whether the first key of SECRET_KEY opens it, so that the others are not needed for it."""
    with suppress(InvalidTag, ValueError):
        nonce, text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        _ciphers(purpose, get_settings().secret_keys)[0].decrypt(nonce, text, belongs_to.encode())
        return True
    return False


@lru_cache(maxsize=32)
def _ciphers(purpose: str, secret_keys: tuple[str, ...]) -> tuple[AESGCM, ...]:
    return tuple(AESGCM(_derive(secret, purpose)) for secret in secret_keys)


def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"clasio {purpose}".encode()).derive(secret.encode())
