"""The audit trail: written in the transaction of the change it tells about, by this one function."""

from typing import Any
from uuid import UUID

from clasio_backend.activity.actions import SENTENCES, Action
from clasio_backend.activity.repository import ActivityRepository, SecurityEventRepository
from clasio_backend.activity.schemas import ActivityRow
from clasio_backend.core.scope import Role
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.models import Activity, SecurityEvent

SYSTEM = "Clasio"
MAX_ROWS = 100


def record(uow: UnitOfWork, action: Action, target_kind: str, target_id: UUID | None, **details: Any) -> None:
    """Writes one entry. `details` holds ids and plain values; never text of documents, never secrets."""
    scope = uow.scope
    uow.repository(ActivityRepository).append(
        Activity(
            organization_id=scope.organization_id,
            actor="user" if scope.user_id else "system",
            user_id=scope.user_id,
            action=action,
            target_kind=target_kind,
            target_id=target_id,
            details=details,
            request_id=scope.request_id,
        )
    )


def record_security_event(
    uow: UnitOfWork, kind: str, *, user_id: UUID | None = None, ip_address: str = "", **details: Any
) -> None:
    """Writes down what belongs to no organization, such as a failed sign-in."""
    uow.repository(SecurityEventRepository).append(
        SecurityEvent(
            kind=kind, user_id=user_id, ip_address=ip_address, details=details, request_id=uow.any_scope.request_id
        )
    )


def list_latest(uow: UnitOfWork, *, limit: int = 20) -> list[ActivityRow]:
    """The newest entries: an owner sees all, a member their own."""
    user_id = uow.scope.user_id if uow.scope.role == Role.MEMBER else None
    rows = uow.repository(ActivityRepository).latest(limit=min(limit, MAX_ROWS), user_id=user_id)
    return [_row(*row) for row in rows]


def list_of_document(uow: UnitOfWork, document_id: UUID, *, limit: int = 50) -> list[ActivityRow]:
    """The newest entries about one document, for everybody who may see it."""
    rows = uow.repository(ActivityRepository).latest(limit=min(limit, MAX_ROWS), target_id=document_id)
    return [_row(*row) for row in rows]


def _row(entry: Activity, person: str | None, document: str | None) -> ActivityRow:
    return ActivityRow(
        id=entry.id,
        at=entry.at,
        who=person or SYSTEM,
        action=entry.action,
        sentence=SENTENCES[Action(entry.action)],
        target_kind=entry.target_kind,
        target_id=entry.target_id,
        target_name=document or str(entry.details.get("name", "")),
    )
