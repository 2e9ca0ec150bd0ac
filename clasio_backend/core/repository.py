"""Bases of all repositories: the only places, with the gateway and the job queue, where SQL is written."""

from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, Table, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlmodel import Session, SQLModel

from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import AnyScope, Scope

M = TypeVar("M", bound=SQLModel)


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model: for statements that write one row many times a second, which the ORM only slows."""
    table: Table = getattr(model, "__table__")  # noqa: B009  # SQLModel makes it, and does not declare it
    return table


class Repository:
    """A repository of rows outside organizations, or of a person's own rows; row-level security decides which."""

    def __init__(self, session: Session, scope: AnyScope) -> None:
        self._session = session
        self._any_scope = scope


class ScopedRepository(Repository, Generic[M]):
    """A repository of one tenant table. It cannot be built without a `Scope`, and filters by it itself.

    Row-level security filters the same rows again: either alone must be enough.
    """

    model: type[M]
    what = "row"
    """How a missing row is called in the message."""

    def __init__(self, session: Session, scope: AnyScope) -> None:
        if not isinstance(scope, Scope):
            raise TypeError(f"{type(self).__name__} needs a scope inside an organization")
        super().__init__(session, scope)
        self.scope = scope

    def _select(self, *columns: Any) -> Select[Any]:
        """`SELECT` of the model (or of `columns`) in this organization."""
        return select(*(columns or (self.model,))).where(self._column("organization_id") == self.scope.organization_id)

    def _column(self, name: str) -> InstrumentedAttribute[Any]:
        column: InstrumentedAttribute[Any] = getattr(self.model, name)
        return column

    def find(self, row_id: UUID) -> M | None:
        row: M | None = self._session.execute(self._select().where(self._column("id") == row_id)).scalar_one_or_none()
        return row

    def get(self, row_id: UUID) -> M:
        row = self.find(row_id)
        if row is None:
            raise NotFound(self.what)
        return row

    def get_for_update(self, row_id: UUID) -> M:
        """The row, locked until the transaction ends."""
        statement = self._select().where(self._column("id") == row_id).with_for_update()
        row: M | None = self._session.execute(statement).scalar_one_or_none()
        if row is None:
            raise NotFound(self.what)
        return row

    def add(self, row: M) -> M:
        if getattr(row, "organization_id") != self.scope.organization_id:  # noqa: B009  # no common base declares it
            raise NotFound(self.what)
        self._session.add(row)
        self._session.flush()
        return row
