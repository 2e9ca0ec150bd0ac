"""One database step of a request, event or job: one transaction, inside one scope, committed at the edge.

The scope is put into the transaction's settings, which is what the policies read; both are gone after the commit.
Nothing slow (model, storage, mail) belongs inside: claim, call, record.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy import Result, text
from sqlmodel import Session

from clasio_backend.core.db import get_engine
from clasio_backend.core.scope import AnyScope, NoScope, Scope, UserScope

if TYPE_CHECKING:
    from clasio_backend.core.repository import Repository

R = TypeVar("R", bound="Repository")
LIVE_CHANNEL = "clasio_live"


class UnitOfWork:
    """Hands out repositories of its scope; made only by `unit_of_work`."""

    def __init__(self, session: Session, scope: AnyScope) -> None:
        self._session = session
        self._after_commit: list[Callable[[], None]] = []
        self.any_scope = scope

    @property
    def scope(self) -> Scope:
        """The scope, which must be inside an organization."""
        if not isinstance(self.any_scope, Scope):
            raise TypeError("this step needs a scope inside an organization")
        return self.any_scope

    def enter(self, scope: AnyScope) -> None:
        """Goes on in `scope`: for the step that has just found out who is calling, or goes to the next organization.

        What was changed so far is written in the scope that it was changed in.
        """
        self._session.flush()
        _enter_scope(self._session, scope)
        self.any_scope = scope

    def repository(self, repository: type[R]) -> R:
        return repository(self._session, self.any_scope)

    def flush(self) -> None:
        """Sends pending rows, so that a database rule answers now and not at the commit."""
        self._session.flush()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undoes what the block changed when it raises, and keeps the rest of the step."""
        with self._session.begin_nested():
            yield

    def execute_gateway(self, statement: str, values: dict[str, Any]) -> Result[Any]:
        """For `core.gateway` alone: calls one of its functions inside this transaction."""
        return self._session.execute(text(statement), values)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Runs `callback` once the transaction is durable; never when it rolled back."""
        self._after_commit.append(callback)

    def notify(self, topic: str, row_id: UUID, *, to: UUID | None = None) -> None:
        """Tells open pages of this organization (or of `to`) that `row_id` changed, when the transaction commits."""
        audience = to or self.scope.organization_id
        payload = json.dumps({"to": str(audience), "topic": topic, "id": str(row_id)})
        self._session.execute(
            text("SELECT pg_notify(:channel, :payload)"), {"channel": LIVE_CHANNEL, "payload": payload}
        )


@contextmanager
def unit_of_work(scope: AnyScope) -> Iterator[UnitOfWork]:
    """Opens the transaction, commits it when the block ends, rolls it back when the block raises."""
    with Session(get_engine(), expire_on_commit=False) as session:
        _enter_scope(session, scope)
        uow = UnitOfWork(session, scope)
        yield uow
        session.commit()
    for callback in uow._after_commit:  # noqa: SLF001  # the two are one piece
        callback()


_ENTER = text(
    "SELECT set_config('app.organization_id', :organization, true), set_config('app.user_id', :user, true),"
    " set_config('app.document_id', :document, true)"
)


def _enter_scope(session: Session, scope: AnyScope) -> None:
    match scope:
        case Scope():
            values = {"organization": scope.organization_id, "user": scope.user_id, "document": scope.document_id}
        case UserScope():
            values = {"organization": None, "user": scope.user_id, "document": None}
        case NoScope():
            return
    session.execute(_ENTER, {name: str(value or "") for name, value in values.items()})
