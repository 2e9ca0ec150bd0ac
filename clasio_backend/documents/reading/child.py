"""Runs in the forked child: take on the limits, read one document from its descriptor, write one answer, end."""

import encodings
import fcntl
import importlib
import os
import pkgutil
import resource
import signal
import warnings
from dataclasses import replace
from typing import IO, Any

from clasio_backend.documents.reading import text, wire
from clasio_backend.documents.reading.limits import MB, Limits
from clasio_backend.documents.reading.parsers import layout, registry
from clasio_backend.documents.reading.parsers.base import CannotRead, Parsed
from clasio_backend.documents.reading.parsers.measure import measure
from clasio_backend.documents.reading.parsers.render import render
from clasio_backend.documents.reading.walls import Walls

_DOCUMENT, _RESULT, _FIRST_OTHER = 3, 4, 5
_NO_ANSWER = wire.Answer(error="", cause="", page_count=None, ocr="none", truncated=False, payload=b"")


def preload() -> None:
    """Import what parsers would only import when they meet it: later, as nobody, the folders may be closed."""
    warnings.simplefilter("ignore")  # libraries' advice to programmers; nobody reads a child's stderr
    for module in pkgutil.iter_modules(encodings.__path__):
        if module.name not in {"mbcs", "oem", "cp65001"}:  # Windows only
            importlib.import_module(f"encodings.{module.name}")
    registry.preload()


def run(walls: Walls, request: dict[str, Any], document: int, result: int) -> None:
    """The whole life of a child. Raises only before it has looked at the document."""
    limits = Limits(**request["limits"])
    os.setpgid(0, 0)
    walls.shut_files()
    _keep_only(document, result)
    _limit(limits)
    walls.shut_calls()
    with os.fdopen(_DOCUMENT, "rb") as file, os.fdopen(_RESULT, "wb") as out:
        answer = _answer(request, file, limits)
        out.write(wire.encode(answer))


def _keep_only(document: int, result: int) -> None:
    """Descriptors: nothing as 0 to 2, the document, the result, and no other."""
    high_document, high_result = (fcntl.fcntl(fd, fcntl.F_DUPFD, 16) for fd in (document, result))
    nothing = os.open(os.devnull, os.O_RDWR)
    for target in (0, 1, 2):
        os.dup2(nothing, target)
    os.dup2(high_document, _DOCUMENT, inheritable=False)
    os.dup2(high_result, _RESULT, inheritable=False)
    os.closerange(_FIRST_OTHER, 4096)


def _limit(limits: Limits) -> None:
    for what, value in (
        (resource.RLIMIT_AS, limits.memory_mb * MB),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (value, value))
    resource.setrlimit(
        resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5)
    )  # SIGXCPU tells it from a kill
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _answer(request: dict[str, Any], file: IO[bytes], limits: Limits) -> wire.Answer:
    try:
        return _done(request, file, limits)
    except CannotRead as error:
        return replace(_NO_ANSWER, error=error.code, cause=error.cause)
    except (MemoryError, RecursionError) as error:
        return replace(_NO_ANSWER, error="too_complex", cause=type(error).__name__)
    except Exception as error:  # noqa: BLE001 - whatever a parser trips over is the document's doing
        return replace(_NO_ANSWER, error="broken", cause=_name(error))


def _done(request: dict[str, Any], file: IO[bytes], limits: Limits) -> wire.Answer:
    mime_type = request["mime_type"]
    match request["task"]:
        case "render":
            payload = render(file, mime_type, request["page"], request["width_px"], limits)
        case "outline":
            payload = layout.outline(file, mime_type, limits)
        case "words":
            payload = layout.words(file, mime_type, request["page"])
        case "measure":
            measure(file, mime_type)
            payload = b""
        case _:
            return _text_answer(registry.parse(file, mime_type, limits), limits)
    return replace(_NO_ANSWER, payload=payload)


def _text_answer(parsed: Parsed, limits: Limits) -> wire.Answer:
    body, cut = text.join_pages(parsed.pages, limits.max_chars)
    if not body.strip():
        raise CannotRead("ocr_missing" if parsed.ocr == "missing" else "no_text")
    return wire.Answer(
        error="",
        cause="",
        page_count=parsed.page_count,
        ocr=parsed.ocr,
        truncated=parsed.truncated or cut,
        payload=body.encode(),
    )


def _name(error: Exception) -> str:
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}".replace("<", "").replace(">", "")[:80]
