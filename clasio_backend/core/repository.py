"""Bases of all repositories: the only places, with the gateway and the job queue, where SQL is written."""

from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, Update, false, select, update
from sqlalchemy.orm import InstrumentedAttribute, Mapped
from sqlmodel import Session, SQLModel

from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import AnyScope, NoScope, Scope

M = TypeVar("M", bound=SQLModel)
Filtered = ColumnElement[Any] | Mapped[Any]


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model: for statements that write one row many times a second, which the ORM only slows."""
    table: Table = getattr(model, "__table__")  # noqa: B009  # SQLModel makes it, and does not declare it
    return table


class Repository:
    """Base of all. The filters by scope are written here and nowhere else: the tests switch them off in one place, to
    see that row-level security holds without them.
    """

    def __init__(self, session: Session, scope: AnyScope) -> None:
        self._session = session
        self._any_scope = scope

    def _here(self, organization_id: Filtered) -> ColumnElement[bool]:
        """Whether a row is of the scope's organization."""
        scope = self._any_scope
        return organization_id == scope.organization_id if isinstance(scope, Scope) else false()

    def _own(self, user_id: Filtered) -> ColumnElement[bool]:
        """Whether a row is the person's own."""
        scope = self._any_scope
        return false() if isinstance(scope, NoScope) or scope.user_id is None else user_id == scope.user_id

    def _of_share(self, document_id: Filtered) -> ColumnElement[bool]:
        """Whether a row is of the one document that a visitor's share opens."""
        scope = self._any_scope
        return document_id == scope.document_id if isinstance(scope, Scope) else false()


class ScopedRepository(Repository, Generic[M]):
    """A repository of one tenant table. It cannot be built without a `Scope`, and filters by it itself.

    Row-level security filters the same rows again: either alone must be enough.
    """

    model: type[M]
    what = "row"
    """How a missing row is called in the message."""
    document_column = ""
    """The column that names a row's document: a visitor by a share gets rows of one document only."""

    def __init__(self, session: Session, scope: AnyScope) -> None:
        if not isinstance(scope, Scope):
            raise TypeError(f"{type(self).__name__} needs a scope inside an organization")
        super().__init__(session, scope)
        self.scope = scope

    def _select(self, *columns: Any) -> Select[Any]:
        """`SELECT` of the model (or of `columns`) in this organization."""
        return select(*(columns or (self.model,))).where(*self._visible())

    def _update(self) -> Update:
        """`UPDATE` of the model in this organization."""
        return update(self.model).where(*self._visible())

    def _visible(self) -> list[ColumnElement[bool]]:
        conditions = [self._here(self._column("organization_id"))]
        if self.document_column and self.scope.document_id is not None:
            conditions.append(self._of_share(self._column(self.document_column)))
        return conditions

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
        self._refuse_foreign(row)
        self._session.add(row)
        self._session.flush()
        return row

    def _refuse_foreign(self, row: SQLModel) -> None:
        """For rows to be written: a policy would refuse a foreign one too, but with an error that says nothing."""
        if getattr(row, "organization_id") != self.scope.organization_id:  # noqa: B009  # no common base declares it
            raise NotFound(self.what)
