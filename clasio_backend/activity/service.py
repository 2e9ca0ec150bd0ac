"""The audit trail: written in the transaction of the change it tells about, by this one function."""

from typing import Any
from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.repository import ActivityRepository, SecurityEventRepository
from clasio_backend.activity.schemas import ActivityFilter, ActivityPage, ActivityQuery, ActivityRow
from clasio_backend.activity.words import in_words
from clasio_backend.core.cursors import decode_time_cursor, encode_cursor
from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.models import Activity, SecurityEvent
from clasio_backend.security import rates
from clasio_backend.security.rate_limit import take

MAX_ROWS = 100


def record(uow: UnitOfWork, action: Action, target_kind: str, target_id: UUID | None, **details: Any) -> None:
    """Writes one entry. `details` holds ids and plain values; never text of documents, never secrets."""
    scope = uow.scope
    uow.repository(ActivityRepository).append(
        Activity(
            organization_id=scope.organization_id,
            actor="share" if scope.share_id else "user" if scope.user_id else "system",
            user_id=scope.user_id,
            share_id=scope.share_id,
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


def list_activity(uow: UnitOfWork, query: ActivityQuery) -> ActivityPage:
    """A page of entries, newest first: an owner sees all, a member their own."""
    before = decode_time_cursor(query.cursor) if query.cursor else None
    found = uow.repository(ActivityRepository).list_page(_visible(uow, query), limit=query.limit + 1, before=before)
    page, has_more = found[: query.limit], len(found) > query.limit
    cursor = encode_cursor(page[-1][0].at, page[-1][0].id) if has_more else None
    return ActivityPage(tuple(in_words(row) for row in page), cursor)


def list_latest(uow: UnitOfWork, *, limit: int = 20) -> list[ActivityRow]:
    """The newest entries that the caller may see."""
    return list(list_activity(uow, ActivityQuery(limit=min(limit, MAX_ROWS))).items)


def list_of_document(uow: UnitOfWork, document_id: UUID, *, limit: int = 50) -> list[ActivityRow]:
    """The newest entries about one document, for everybody who may see it."""
    wanted = ActivityFilter(document_id=document_id)
    rows = uow.repository(ActivityRepository).list_page(wanted, limit=min(limit, MAX_ROWS))
    return [in_words(row) for row in rows]


def note_export(uow: UnitOfWork) -> None:
    """Writes down that entries are being exported; raises `TooManyRequests`."""
    uow.scope.require(Permission.READ_ACTIVITY)
    take((rates.LARGE_DOWNLOADS.of(str(uow.scope.user_id)),))
    record(uow, Action.ACTIVITY_EXPORTED, "activity", None)


def _visible(uow: UnitOfWork, wanted: ActivityFilter) -> ActivityFilter:
    uow.scope.require(Permission.READ_ACTIVITY)
    if uow.scope.may(Permission.READ_ALL_ACTIVITY):
        return wanted
    if wanted.person not in {None, uow.scope.user_id}:
        raise NotFound("person")
    return wanted.model_copy(update={"person": uow.scope.user_id})
