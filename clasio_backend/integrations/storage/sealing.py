"""Files at rest: XChaCha20-Poly1305 in pieces (libsodium's secretstream), under the organization's data key.

A stored file begins with eight bytes that name the format, the id of its key, and the stream's header. Each piece is
authenticated, in its order and with the last one marked, and bound to the place where it is stored: a file that was
changed, cut short, or moved to another name or organization does not open.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from clasio_backend.integrations.storage.errors import FileDamaged

FORMAT = "secretstream-1"
_MAGIC = b"CLASIO\x00\x01"
_HEADER_BYTES: int = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_TAG_BYTES: int = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
_LAST: int = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MORE: int = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_PIECE_BYTES = 64 * 1024
_KEY_ID_BYTES = 16
NAMES_KEY_BYTES = len(_MAGIC) + _KEY_ID_BYTES
"""How many bytes at the beginning of a stored file say which key opens it."""


@dataclass(frozen=True, slots=True)
class Key:
    """One organization's key: 32 random bytes. One that `has_folder` has what lies under it in a folder of its own."""

    id: UUID
    secret: bytes = field(repr=False)
    has_folder: bool = False


def new_secret() -> bytes:
    secret: bytes = sodium.crypto_secretstream_xchacha20poly1305_keygen()
    return secret


def sealed(pieces: Iterable[bytes], key: Key, place: str) -> Iterator[bytes]:
    """What is stored at `place` for the file in `pieces`."""
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    header = sodium.crypto_secretstream_xchacha20poly1305_init_push(state, key.secret)
    yield _MAGIC + key.id.bytes + header
    for piece, is_last in _even(pieces, _PIECE_BYTES):
        tag = _LAST if is_last else _MORE
        yield sodium.crypto_secretstream_xchacha20poly1305_push(state, piece, place.encode(), tag)


def opened(pieces: Iterable[bytes], secret_of: Callable[[UUID], bytes], place: str) -> Iterator[bytes]:
    """The file of what is stored at `place`; raises `FileDamaged`, in the middle too, and what `secret_of` raises."""
    remaining = iter(pieces)
    beginning, rest = _split(remaining, len(_MAGIC) + _KEY_ID_BYTES + _HEADER_BYTES)
    key_id = key_id_in(beginning)
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    header = beginning[len(_MAGIC) + _KEY_ID_BYTES :]
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, secret_of(key_id))
    for piece, is_last in _even(_chained(rest, remaining), _PIECE_BYTES + _TAG_BYTES):
        try:
            plain, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(state, piece, place.encode())
        except (CryptoError, ValueError) as error:  # ValueError: shorter than a piece can be
            raise FileDamaged from error
        if (tag == _LAST) != is_last:
            raise FileDamaged
        yield plain


def key_id_in(beginning: bytes) -> UUID:
    """The key that a stored file names; raises `FileDamaged`."""
    if len(beginning) < NAMES_KEY_BYTES or not beginning.startswith(_MAGIC):
        raise FileDamaged
    return UUID(bytes=beginning[len(_MAGIC) : NAMES_KEY_BYTES])


def _even(pieces: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """The same bytes in pieces of `size`, the last one shorter or empty; True with the last."""
    held = bytearray()
    for piece in pieces:
        held += piece
        start = 0
        while len(held) - start > size:  # never all of it: the last piece must be known as such
            yield bytes(held[start : start + size]), False
            start += size
        del held[:start]
    yield bytes(held), True


def _split(pieces: Iterator[bytes], size: int) -> tuple[bytes, bytes]:
    """The first `size` bytes and what came with them; raises `FileDamaged` when there are fewer."""
    held = b""
    while len(held) < size:
        piece = next(pieces, None)
        if piece is None:
            raise FileDamaged
        held += piece
    return held[:size], held[size:]


def _chained(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others
