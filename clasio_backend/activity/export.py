"""Activity as CSV, streamed: constant memory and short transactions, however many entries there are."""

import csv
import io
from collections.abc import Iterator

from clasio_backend.activity.schemas import MAX_PAGE_SIZE, ActivityFilter, ActivityQuery, ActivityRow
from clasio_backend.activity.service import list_activity
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import unit_of_work

HEAD = ("time_utc", "person", "action", "what", "on", "detail", "target_kind", "target_id", "request_id")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_csv(scope: Scope, wanted: ActivityFilter) -> Iterator[str]:
    """The head, then the entries that the caller may see, newest first, a page of them at a time."""
    yield _lines([HEAD])
    cursor: str | None = None
    while True:
        query = ActivityQuery(**wanted.model_dump(), cursor=cursor, limit=MAX_PAGE_SIZE)
        with unit_of_work(scope) as uow:
            page = list_activity(uow, query)
        if page.items:
            yield _lines([_cells(row) for row in page.items])
        cursor = page.next_cursor
        if cursor is None:
            return


def _cells(row: ActivityRow) -> tuple[str, ...]:
    return (
        row.at.isoformat(timespec="seconds"),
        row.who,
        row.action,
        row.sentence,
        row.target_name,
        row.detail,
        row.target_kind,
        str(row.target_id or ""),
        row.request_id,
    )


def _lines(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([[harmless(cell) for cell in row] for row in rows])
    return text.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection): a quote mark before it, quotes doubled."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
