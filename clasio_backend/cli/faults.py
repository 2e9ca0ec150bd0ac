"""What goes wrong at the command line, in words for people: a traceback may show a setting, and helps few."""

from pydantic import ValidationError

from clasio_backend.core.errors import ClasioError


def in_words(error: Exception) -> str | None:
    """A sentence, or one per setting; None when the error is a bug, whose traceback is wanted."""
    from redis.exceptions import ConnectionError as RedisDown  # noqa: PLC0415  # most commands never need them
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415  # as above

    if isinstance(error, ClasioError):
        return error.message
    if isinstance(error, ValidationError):
        return "\n".join(_fault(name, words) for name, words in _faults(error))
    if isinstance(error, OperationalError):
        return f"The database did not do its part. Is it running, and are its URLs right? It says: {_line(error.orig)}"
    if isinstance(error, RedisDown):
        return f"Redis does not answer. Is it running, and is REDIS_URL right? It says: {_line(error)}"
    return None


def _faults(error: ValidationError) -> list[tuple[str, str]]:
    """The setting's name and what is wrong with it; never its value, which may be a secret."""
    found = error.errors(include_input=False, include_context=False, include_url=False)
    return [("_".join(map(str, fault["loc"])).upper(), fault["msg"].removeprefix("Value error, ")) for fault in found]


def _fault(name: str, words: str) -> str:
    return f"{words}." if not name or name in words else f"{name}: {words}."


def _line(error: object) -> str:
    return " ".join(str(error).split())
