"""The answer of an untrusted child: a length, a JSON header, then bytes. Never a pickle."""

import json
import re
import struct
from dataclasses import dataclass

_HEADER = struct.Struct(">4sI")
_MARK = b"CLA1"
MAX_HEADER_BYTES = 4096
_CAUSE = re.compile(r"[A-Za-z0-9_. :-]{0,80}")
_NOT_IN_CAUSE = re.compile(r"[^A-Za-z0-9_. :-]+")


class Garbled(Exception):
    """What came through the pipe is not an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A header checked member by member; `error` is empty when all went well."""

    error: str
    cause: str
    page_count: int | None
    ocr: str
    truncated: bool
    payload: bytes


def encode(answer: Answer) -> bytes:
    header = json.dumps(
        {
            "error": answer.error,
            "cause": _NOT_IN_CAUSE.sub(" ", answer.cause)[:80],
            "page_count": answer.page_count,
            "ocr": answer.ocr,
            "truncated": answer.truncated,
        }
    ).encode()
    return _HEADER.pack(_MARK, len(header)) + header + answer.payload


def decode(data: bytes) -> Answer:
    """Raises `Garbled`: a parser taken over by its document may write anything."""
    if len(data) < _HEADER.size:
        raise Garbled
    mark, length = _HEADER.unpack_from(data)
    body = data[_HEADER.size :]
    if mark != _MARK or length > min(MAX_HEADER_BYTES, len(body)):
        raise Garbled
    try:
        header = json.loads(body[:length])
        answer = Answer(
            error=header["error"],
            cause=header["cause"],
            page_count=header["page_count"],
            ocr=header["ocr"],
            truncated=header["truncated"],
            payload=body[length:],
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Garbled from error
    if not _is_sane(answer):
        raise Garbled
    return answer


def _is_sane(answer: Answer) -> bool:
    pages = answer.page_count
    return (
        isinstance(answer.error, str)
        and len(answer.error) <= 40
        and isinstance(answer.cause, str)
        and _CAUSE.fullmatch(answer.cause) is not None
        and (pages is None or (type(pages) is int and 0 <= pages <= 1_000_000))
        and answer.ocr in ("none", "used", "missing")
        and isinstance(answer.truncated, bool)
    )
