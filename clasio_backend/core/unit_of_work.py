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
        """Goes on in `scope`: for the step that has just found out who is calling."""
        _enter_scope(self._session, scope)
        self.any_scope = scope

    def repository(self, repository: type[R]) -> R:
        return repository(self._session, self.any_scope)

    def flush(self) -> None:
        """Sends pending rows, so that a database rule answers now and not at the commit."""
        self._session.flush()

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


def _enter_scope(session: Session, scope: AnyScope) -> None:
    match scope:
        case Scope(organization_id=organization_id, user_id=user_id):
            values = (str(organization_id), str(user_id) if user_id else "")
        case UserScope(user_id=user_id):
            values = ("", str(user_id))
        case NoScope():
            return
    session.execute(
        text("SELECT set_config('app.organization_id', :organization, true), set_config('app.user_id', :user, true)"),
        {"organization": values[0], "user": values[1]},
    )
