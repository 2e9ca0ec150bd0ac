"""Logs: one JSON line per request, event and job on standard output, with the request's id and organization.

No personal data: ids only. Names of log events are fixed words; everything that varies is a field.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

_context: ContextVar[dict[str, str] | None] = ContextVar("clasio_log_context", default=None)


class _ContextFilter(logging.Filter):
    """Adds the current request's fields to each line."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in (_context.get() or {}).items():
            setattr(record, name, value)
        return True


def configure_logging(process: str, level: int = logging.INFO) -> None:
    """Sends every logger of this process to standard output as JSON; `process` is its kind (`web`, `worker` …)."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        JsonFormatter(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger", "message": "event"},
            timestamp="time",
            static_fields={"process": process},
        )
    )
    handler.addFilter(_ContextFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("rq", "rq.worker", "httpx", "sqlalchemy.engine", "alembic", "pypdf", "PIL"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


@contextmanager
def log_context(**fields: Any) -> Iterator[None]:
    """Adds `fields` (ids as text) to every line logged inside the block, by this thread or task."""
    token = _context.set((_context.get() or {}) | {name: str(value) for name, value in fields.items() if value})
    try:
        yield
    finally:
        _context.reset(token)
