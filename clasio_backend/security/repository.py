"""What is sealed in the database, whichever table it is in: for `rotate-keys`, which works as the owner's role."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Column, Connection, Table, bindparam, select, update
from sqlmodel import SQLModel

from clasio_backend.models.columns import SEALED_FOR


def sealed_columns() -> list[Column[bytes]]:
    """Every column that holds sealed bytes; one that is added later is found by itself."""
    return [
        column
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if column.info.get(SEALED_FOR) is not None
    ]


def reseal_some(
    connection: Connection, column: Column[bytes], after: UUID | None, batch: int, change: Callable[[str, bytes], bytes]
) -> tuple[UUID | None, int]:
    """Gives `change` the id and the bytes of up to `batch` rows and writes back what it makes of them.

    Returns the last id (None when there was none) and how many rows had changed. The rows are locked meanwhile; what
    belongs to a row is its `id` (see `models.columns.sealed_field`).
    """
    table: Table = column.table
    wanted = select(table.c.id, column).where(column.is_not(None)).order_by(table.c.id).limit(batch).with_for_update()
    found = connection.execute(wanted if after is None else wanted.where(table.c.id > after)).all()
    changes = [
        {"of_row": row.id, "new": new} for row in found if (new := change(str(row.id), bytes(row[1]))) != bytes(row[1])
    ]
    if changes:
        write = update(table).where(table.c.id == bindparam("of_row")).values({column.name: bindparam("new")})
        connection.execute(write, changes)
    return (found[-1].id if found else None), len(changes)
