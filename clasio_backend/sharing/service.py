"""Shares as members see them: open a document to somebody for a while, see who came, close it again."""

from datetime import datetime, timedelta
from uuid import UUID

from clasio_backend.accounts.repository import UserRepository
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import Permission, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.errors import DocumentNotFound
from clasio_backend.documents.opening import require_open
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.mail.service import can_send, queue_mail
from clasio_backend.models import Share
from clasio_backend.organizations.repository import OrganizationRepository
from clasio_backend.organizations.service import refuse_when_closing
from clasio_backend.security import rates
from clasio_backend.security.passwords import hash_password
from clasio_backend.security.rate_limit import take
from clasio_backend.security.tokens import hash_token, new_token
from clasio_backend.sharing.errors import TooLong, TooManyShares
from clasio_backend.sharing.repository import Listed, ShareOpenRepository, ShareRepository
from clasio_backend.sharing.schemas import (
    DEFAULT_DAYS,
    Access,
    CreatedShare,
    Device,
    NewShare,
    OpenRow,
    ShareChange,
    ShareRow,
)

MAX_OF_DOCUMENT = 100
MAX_LISTED = 500
MAX_OPENS = 200
REVOKE_BATCH = 1000
TELL_BEFORE = timedelta(days=2)
TELL_LIMIT = 1000


def share_document(uow: UnitOfWork, document_id: UUID, wanted: NewShare) -> CreatedShare:
    """Opens one document to whoever has the link.

    Raises `DocumentNotFound`, `TooLong`, `TooManyShares`, `TooManyRequests` or `OrganizationClosing`, and as
    `require_open`.
    """
    uow.scope.require(Permission.SHARE_DOCUMENTS, "document")
    if uow.scope.user_id is None:
        raise DocumentNotFound
    take(rates.share(str(uow.scope.user_id), str(uow.scope.organization_id), is_mailed=wanted.email is not None))
    password = wanted.password.get_secret_value() if wanted.password else None
    password_hash = hash_password(password) if password else None  # before the lock: it takes long
    refuse_when_closing(uow)
    document = uow.repository(DocumentRepository).get_for_update(document_id)
    if document.deleted_at is not None:
        raise DocumentNotFound
    require_open(document, uow.scope)
    shares = uow.repository(ShareRepository)
    if shares.count_live(document_id=document_id) >= MAX_OF_DOCUMENT:
        raise TooManyShares
    token = new_token()
    share = Share(
        organization_id=uow.scope.organization_id,
        document_id=document_id,
        created_by=uow.scope.user_id,
        email=wanted.email,
        access=wanted.access,
        token_hash=hash_token(token),
        password_hash=password_hash,
        expires_at=_end(uow, wanted.expires_in_days),
    )
    shares.add(share)
    record(
        uow,
        Action.SHARE_CREATED,
        "document",
        document_id,
        name=document.name,
        share_id=str(share.id),
        access=share.access,
        has_password=password is not None,
        by_link=wanted.email is None,
    )
    link = f"{get_settings().base_url}/s/{token}"
    if wanted.email is not None:
        _mail(uow, share, "share", document=document.name, link=link, needs_password="yes" if password else "")
    _changed(uow, share)
    return CreatedShare(share.id, link, share.expires_at, wanted.email is not None and can_send())


def list_shares(uow: UnitOfWork) -> list[ShareRow]:
    """The live shares of the organization, newest first."""
    uow.scope.require(Permission.SHARE_DOCUMENTS, "share")
    return [_row(uow, listed) for listed in uow.repository(ShareRepository).list_live(limit=MAX_LISTED)]


def list_shares_of(uow: UnitOfWork, document_id: UUID) -> list[ShareRow]:
    """The live shares of one document, newest first."""
    uow.scope.require(Permission.SHARE_DOCUMENTS, "document")
    uow.repository(DocumentRepository).get(document_id)
    listed = uow.repository(ShareRepository).list_live(limit=MAX_OF_DOCUMENT, document_id=document_id)
    return [_row(uow, row) for row in listed]


def list_opens(uow: UnitOfWork, share_id: UUID) -> list[OpenRow]:
    """When a share was opened, newest first."""
    uow.scope.require(Permission.SHARE_DOCUMENTS, "share")
    uow.repository(ShareRepository).get(share_id)
    rows = uow.repository(ShareOpenRepository).list_of(share_id, limit=MAX_OPENS)
    return [OpenRow(row.at, "view" if row.kind == "view" else "download", Device(row.device)) for row in rows]


def change_share(uow: UnitOfWork, share_id: UUID, change: ShareChange) -> None:
    """Gives a share another end; the sharer's own, or any for an owner. Raises `TooLong`."""
    share = _mine(uow, share_id)
    share.expires_at, share.told_at = _end(uow, change.expires_in_days), None
    _record(uow, Action.SHARE_CHANGED, share, expires_at=share.expires_at.isoformat())
    _changed(uow, share)


def revoke_share(uow: UnitOfWork, share_id: UUID) -> None:
    """Closes a share at once; the sharer's own, or any for an owner."""
    _revoke(uow, _mine(uow, share_id))


def revoke_all_shares(uow: UnitOfWork) -> int:
    """Closes every share of the organization (owners), or every one of the caller's; returns how many."""
    uow.scope.require(Permission.SHARE_DOCUMENTS, "share")
    created_by = None if uow.scope.may(Permission.REVOKE_ANY_SHARE) else uow.scope.user_id
    closed = 0
    while batch := uow.repository(ShareRepository).list_unrevoked(limit=REVOKE_BATCH, created_by=created_by):
        for share in batch:
            _revoke(uow, share)
        uow.flush()
        closed += len(batch)
    return closed


def revoke_shares_of(uow: UnitOfWork, user_id: UUID) -> int:
    """Closes at most a batch of what one person shared; returns how many, so 0 when all are closed. Owners only."""
    uow.scope.require(Permission.REVOKE_ANY_SHARE, "share")
    batch = uow.repository(ShareRepository).list_unrevoked(limit=REVOKE_BATCH, created_by=user_id)
    for share in batch:
        _revoke(uow, share)
    return len(batch)


def tell_sharers() -> None:
    """Tells each sharer once, by mail, that a share ends within two days. A crash in between tells nobody twice."""
    for found in gateway.shares_ending(TELL_BEFORE, TELL_LIMIT):
        with unit_of_work(system_scope(found.organization_id, "share notice")) as uow:
            share = uow.repository(ShareRepository).get_for_update(found.share_id)
            if uow.repository(OrganizationRepository).is_closing():
                continue  # its shares are closed, and open again when it is kept
            if share.told_at is None and share.revoked_at is None:
                share.told_at = now()
                _tell(uow, share)


def _tell(uow: UnitOfWork, share: Share) -> None:
    sharer = uow.repository(UserRepository).get(share.created_by)
    document = uow.repository(DocumentRepository).find(share.document_id)
    is_short = share.expires_at - share.created_at <= TELL_BEFORE  # who chose a day knows it
    if sharer is None or document is None or document.deleted_at is not None or is_short:
        return
    queue_mail(
        uow,
        sharer.email,
        "share_ending",
        document=document.name,
        whom=share.email or "anyone with the link",
        until=_in_words(share.expires_at),
        link=f"{get_settings().base_url}/shared",
    )


def _mail(uow: UnitOfWork, share: Share, template: str, **values: str) -> None:
    sharer = uow.repository(UserRepository).get(share.created_by)
    queue_mail(
        uow,
        share.email or "",
        template,
        sharer=sharer.name if sharer else "Somebody",
        organization=uow.repository(OrganizationRepository).get().name,
        until=_in_words(share.expires_at),
        **values,
    )


def _in_words(moment: datetime) -> str:
    return f"{moment:%d %B %Y, %H:%M} UTC"


def _end(uow: UnitOfWork, days: int | None) -> datetime:
    longest = uow.repository(OrganizationRepository).get().max_share_days
    if days is not None and days > longest:
        raise TooLong(longest)
    return now() + timedelta(days=days if days is not None else min(DEFAULT_DAYS, longest))


def _mine(uow: UnitOfWork, share_id: UUID) -> Share:
    """The share, locked, if the caller may change it; to all others it is not there."""
    uow.scope.require(Permission.SHARE_DOCUMENTS, "share")
    share = uow.repository(ShareRepository).get_for_update(share_id)
    if share.revoked_at is not None or share.expires_at <= now() or not _may_change(uow, share):
        raise NotFound("share")
    return share


def _may_change(uow: UnitOfWork, share: Share) -> bool:
    return uow.scope.may(Permission.REVOKE_ANY_SHARE) or share.created_by == uow.scope.user_id


def _revoke(uow: UnitOfWork, share: Share) -> None:
    share.revoked_at = now()
    _record(uow, Action.SHARE_REVOKED, share)
    _changed(uow, share)


def _record(uow: UnitOfWork, action: Action, share: Share, **details: object) -> None:
    document = uow.repository(DocumentRepository).get(share.document_id)
    record(uow, action, "document", share.document_id, name=document.name, share_id=str(share.id), **details)


def _changed(uow: UnitOfWork, share: Share) -> None:
    uow.notify("share", share.document_id)


def _row(uow: UnitOfWork, listed: Listed) -> ShareRow:
    share, document_name, sharer = listed
    access: Access = share.access
    return ShareRow(
        id=share.id,
        document_id=share.document_id,
        document_name=document_name,
        email=share.email,
        access=access,
        has_password=share.password_hash is not None,
        shared_by=sharer or "",
        created_at=share.created_at,
        expires_at=share.expires_at,
        open_count=share.open_count,
        last_opened_at=share.last_opened_at,
        may_revoke=_may_change(uow, share),
    )
