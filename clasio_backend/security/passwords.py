"""Passwords: argon2id, and what a good one is (NIST SP 800-63B-4: 15 characters without a second factor)."""

from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from clasio_backend.core.errors import ValidationFailed

MIN_LENGTH = 15
MAX_LENGTH = 256
_ZXCVBN_LENGTH = 72
_GUESSABLE_SCORE = 2
_OWN_LENGTH = 8

# OWASP Password Storage Cheat Sheet: m=19 MiB, t=2, p=1. The semaphore bounds the memory of many sign-ins at once.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_at_once = BoundedSemaphore(4)


class WeakPassword(ValidationFailed):
    code = "weak_password"

    def __init__(self, message: str) -> None:
        super().__init__(message, {"password": message})


def check_strength(password: str, *, personal: tuple[str, ...] = ()) -> None:
    """Raises `WeakPassword` for a short, common or guessable one; `personal` are words such as the person's name."""
    if len(password) < MIN_LENGTH:
        raise WeakPassword(f"Use at least {MIN_LENGTH} characters. A few words in a row are easy to remember.")
    if len(password) > MAX_LENGTH:
        raise WeakPassword(f"Use at most {MAX_LENGTH} characters.")
    words = [
        part
        for word in ("clasio", *personal)
        for part in (word, *word.replace("@", " ").replace(".", " ").split())
        if part
    ]
    guessable = zxcvbn(password[:_ZXCVBN_LENGTH], user_inputs=words)["score"] < _GUESSABLE_SCORE
    if guessable or _without(words, password) < _OWN_LENGTH:
        raise WeakPassword("This password is easy to guess. Use a few words that do not belong together.")


def _without(words: list[str], password: str) -> int:
    """How many characters of `password` are left without known words: names in a row look long to zxcvbn."""
    left = password.casefold()
    for word in sorted((word for word in words if len(word) > 2), key=len, reverse=True):
        left = left.replace(word.casefold(), "")
    return len(left)


def hash_password(password: str) -> str:
    with _at_once:
        return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether `password` is the one; takes the same time when there is no hash, so that nobody learns who exists."""
    with _at_once:
        try:
            return _hasher.verify(password_hash or _nobodys_hash(), password) and password_hash is not None
        except (VerificationError, InvalidHashError, UnicodeEncodeError):  # half a character is nobody's password
            return False


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher.hash("a password that nobody has")
