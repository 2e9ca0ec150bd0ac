"""Shares as visitors see them: a link opens one document, and nothing else of its organization is there."""

import base64
import binascii
import json
import re
from datetime import datetime, timedelta

from clasio_backend.accounts.repository import UserRepository
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.scope import PERMISSIONS, NoScope, Permission, Role, Scope, new_request_id, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.schemas import Content, DocumentChange
from clasio_backend.documents.service import change_document, get_document, get_text, open_content
from clasio_backend.models import Share, ShareOpen
from clasio_backend.organizations.repository import OrganizationRepository
from clasio_backend.organizations.service import list_categories
from clasio_backend.security import rates
from clasio_backend.security.encryption import CannotUnseal, seal, unseal
from clasio_backend.security.passwords import verify_password
from clasio_backend.security.rate_limit import take
from clasio_backend.security.tokens import hash_token
from clasio_backend.sharing.errors import ShareNotFound, SharePasswordNeeded, WrongSharePassword
from clasio_backend.sharing.repository import ShareOpenRepository, ShareRepository
from clasio_backend.sharing.schemas import Device, Opened, SharedDocument

PURPOSE = "share key"
KEY_LIFETIME = timedelta(hours=12)
SHOWN_CHARACTERS = 100_000
SAME_OPENING = timedelta(minutes=1)
"""Two looks from the same sort of device within this time are one: a reload is not another reader."""
SAME_READING = timedelta(hours=1)
"""The same for further pages of a document: who reads on is no other reader, and who begins there is one."""

_PROGRAMS = re.compile(r"bot|crawl|spider|preview|scan|curl|wget|python|http-?client|okhttp", re.IGNORECASE)
_TABLETS = re.compile(r"ipad|tablet|kindle|silk(?!.*mobile)|android(?!.*mobile)", re.IGNORECASE)
_PHONES = re.compile(r"iphone|ipod|android|mobile|phone", re.IGNORECASE)


def open_share(token: str, key: str | None, *, request_id: str | None = None) -> Opened:
    """Mints the scope of a visitor; raises `ShareNotFound`, or `SharePasswordNeeded` without a good `key`."""
    with unit_of_work(NoScope(request_id or new_request_id())) as uow:
        share = _find(uow, token)
        if share.password_hash is not None and not _is_key_of(share, key):
            raise SharePasswordNeeded
        role = Role.SHARE_EDITOR if share.access == "editor" else Role.SHARE_VIEWER
        scope = Scope(
            organization_id=share.organization_id,
            user_id=None,
            role=role,
            permissions=PERMISSIONS[role],
            request_id=uow.any_scope.request_id,
            reason="share",
            share_id=share.id,
            document_id=share.document_id,
        )
        return Opened(scope, share.id, share.document_id)


def unlock_share(token: str, password: str, *, ip_address: str) -> str:
    """The key for a protected share, good for 12 hours; raises `ShareNotFound`, `WrongSharePassword` or, after many
    tries, `TooManyRequests`.
    """
    with unit_of_work(NoScope()) as uow:
        share = _find(uow, token)
    if share.password_hash is None:
        return ""
    take(rates.share_password(str(share.id), ip_address))
    if not verify_password(share.password_hash, password):
        raise WrongSharePassword
    until = (now() + KEY_LIFETIME).isoformat()
    return base64.urlsafe_b64encode(
        seal(json.dumps(until).encode(), purpose=PURPOSE, belongs_to=_identity(share))
    ).decode()


def visit(opened: Opened, device: Device, *, reads_on: bool = False) -> SharedDocument:
    """What the page shows; counts as opened."""
    note_look(opened, device, reads_on=reads_on)
    return look(opened)


def note_look(opened: Opened, device: Device, *, reads_on: bool) -> None:
    """Counts as opened, unless it goes on with what was opened before."""
    with unit_of_work(opened.scope) as uow:
        if _note(uow, opened, "view", device, SAME_READING if reads_on else SAME_OPENING):
            record(uow, Action.SHARE_OPENED, "document", opened.document_id, device=device)


def look(opened: Opened) -> SharedDocument:
    """What the page shows, without counting."""
    with unit_of_work(opened.scope) as uow:
        text = get_text(uow, opened.document_id)  # first: it refuses what may not be opened
        document = get_document(uow, opened.document_id)
        share = uow.repository(ShareRepository).get(opened.share_id)
        sharer = uow.repository(UserRepository).get(share.created_by)
        may_edit = uow.scope.may(Permission.EDIT_DOCUMENTS)
        return SharedDocument(
            document=document,
            text=text.text[:SHOWN_CHARACTERS],
            is_text_cut=text.is_truncated or len(text.text) > SHOWN_CHARACTERS,
            organization=uow.repository(OrganizationRepository).get().name,
            shared_by=sharer.name if sharer else "",
            expires_on=share.expires_at.date(),
            may_edit=may_edit,
            categories=tuple(row.name for row in list_categories(uow)) if may_edit else (),
        )


def download(opened: Opened, device: Device) -> Content:
    """What a download needs; counts as opened."""
    with unit_of_work(opened.scope) as uow:
        _note(uow, opened, "download", device)
        return open_content(uow, opened.document_id)


def edit(opened: Opened, change: DocumentChange) -> None:
    """An editor's change, attributed to the share; raises `NotFound` for viewers."""
    with unit_of_work(opened.scope) as uow:
        change_document(uow, opened.document_id, change)


def device_of(user_agent: str) -> Device:
    """A browser's description, reduced to the sort of device."""
    if not user_agent or _PROGRAMS.search(user_agent):
        return Device.PROGRAM
    if _TABLETS.search(user_agent):
        return Device.TABLET
    return Device.PHONE if _PHONES.search(user_agent) else Device.COMPUTER


def _find(uow: UnitOfWork, token: str) -> Share:
    found = gateway.find_share(uow, hash_token(token))
    if found is None:
        raise ShareNotFound
    uow.enter(system_scope(found.organization_id, "share", request_id=uow.any_scope.request_id))
    if uow.repository(OrganizationRepository).is_closing():
        raise ShareNotFound
    return uow.repository(ShareRepository).get(found.share_id)


def _identity(share: Share) -> str:
    """A key is worth nothing for another share, nor after the password has changed."""
    return f"{share.organization_id} {share.id} {share.password_hash}"


def _is_key_of(share: Share, key: str | None) -> bool:
    try:
        sealed = base64.urlsafe_b64decode((key or "").encode())
        until = json.loads(unseal(sealed, purpose=PURPOSE, belongs_to=_identity(share)))
    except (binascii.Error, CannotUnseal, ValueError):
        return False
    return datetime.fromisoformat(until) > now()


def _note(uow: UnitOfWork, opened: Opened, kind: str, device: Device, within: timedelta = SAME_OPENING) -> bool:
    """Counts an opening; False when it is the same as a moment ago."""
    opens = uow.repository(ShareOpenRepository)
    if opens.was_just_noted(opened.share_id, kind, device, within):
        return False
    opens.add(ShareOpen(organization_id=uow.scope.organization_id, share_id=opened.share_id, kind=kind, device=device))
    uow.repository(ShareRepository).count_open(opened.share_id, now())
    uow.notify("share", opened.document_id)
    return True
