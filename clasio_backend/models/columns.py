"""Column shapes that several tables share.

SQLModel makes a new `Column` from each `Field`, so these are functions: a `Column` object can belong to one table only.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKeyConstraint, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from clasio_backend.core.clock import now
from clasio_backend.core.ids import new_id

UTC_TIME = DateTime(timezone=True)
SEALED_FOR = "sealed_for"
"""In a column's `info`: the purpose that its bytes are sealed for."""


def id_field() -> Any:
    """A UUIDv7 made by us: known before the row is written."""
    return Field(default_factory=new_id, primary_key=True)


def organization_field() -> Any:
    """First part of every tenant table's primary key."""
    return Field(primary_key=True)


def created_field() -> Any:
    return Field(default_factory=now, sa_type=UTC_TIME, sa_column_kwargs={"server_default": text("now()")})


def time_field() -> Any:
    """A moment that has not come yet."""
    return Field(default=None, sa_type=UTC_TIME, nullable=True)


def sealed_field(purpose: str, **of_field: Any) -> Any:
    """What `security.encryption.seal` made for the row's own id; `rotate-keys` finds it by this mark."""
    return Field(sa_type=LargeBinary, sa_column_kwargs={"info": {SEALED_FOR: purpose}}, **of_field)


def json_field(default: str) -> Any:
    """A JSON document; `default` is its SQL text, `{}` or `[]`."""
    factory = dict if default == "{}" else list
    return Field(
        default_factory=factory,
        sa_type=JSONB,
        nullable=False,
        sa_column_kwargs={"server_default": text(f"'{default}'::jsonb")},
    )


def organization_key(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id"], ["organizations.id"], ondelete="CASCADE", name=f"fk_{table}_organization"
    )


def tenant_key(
    table: str, column: str, target: str, *, target_column: str = "id", ondelete: str | None = None
) -> ForeignKeyConstraint:
    """A foreign key that carries the organization, so that a row cannot point into another tenant."""
    return ForeignKeyConstraint(
        ["organization_id", column],
        [f"{target}.organization_id", f"{target}.{target_column}"],
        ondelete=ondelete,
        name=f"fk_{table}_{column}",
    )


__all__ = [
    "SEALED_FOR",
    "UTC_TIME",
    "UUID",
    "created_field",
    "datetime",
    "id_field",
    "json_field",
    "organization_field",
    "organization_key",
    "sealed_field",
    "tenant_key",
    "time_field",
]
