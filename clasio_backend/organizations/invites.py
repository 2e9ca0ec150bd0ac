"""Invites: a place offered to an e-mail address. The link works once, for seven days, and only for that address."""

from datetime import timedelta
from uuid import UUID

from clasio_backend.accounts.authorize import scope_of_member
from clasio_backend.accounts.errors import LinkNotFound
from clasio_backend.accounts.repository import SessionRepository, UserRepository
from clasio_backend.accounts.schemas import CodeWanted, NewSession, SignedIn
from clasio_backend.accounts.service import check_password, open_session
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import NoScope, Permission, Role, new_request_id, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.mail.service import can_send, queue_mail
from clasio_backend.models import Invite, User
from clasio_backend.organizations.errors import (
    AlreadyInvited,
    AlreadyMember,
    InviteForSomebodyElse,
    NameMissing,
    TooManyInvites,
)
from clasio_backend.organizations.repository import InviteRepository, MemberRepository, OrganizationRepository
from clasio_backend.organizations.schemas import InviteAnswer, InviteRow, InviteView, NewInvite, SentInvite
from clasio_backend.organizations.service import add_member, refuse_when_closing
from clasio_backend.security import rates
from clasio_backend.security.passwords import check_strength, hash_password
from clasio_backend.security.rate_limit import take
from clasio_backend.security.tokens import hash_token, new_token

LIFETIME = timedelta(days=7)
MAX_OPEN = 200
SOMEBODY = "An owner"


def list_invites(uow: UnitOfWork) -> list[InviteRow]:
    """The invites that nobody has used yet, newest first; owners only."""
    uow.scope.require(Permission.MANAGE_MEMBERS, "invite")
    rows = uow.repository(InviteRepository).list_open(limit=MAX_OPEN)
    return [_row(invite, name or SOMEBODY) for invite, name in rows]


def invite(uow: UnitOfWork, wanted: NewInvite) -> SentInvite:
    """Offers a place; raises `AlreadyMember`, `AlreadyInvited`, `TooManyInvites`, `TooManyRequests` or
    `OrganizationClosing`.
    """
    uow.scope.require(Permission.MANAGE_MEMBERS, "invite")
    take((rates.INVITES.of(str(uow.scope.organization_id)),))
    uow.repository(OrganizationRepository).lock()
    refuse_when_closing(uow)
    invites = uow.repository(InviteRepository)
    if uow.repository(MemberRepository).has_address(wanted.email):
        raise AlreadyMember
    if invites.find_open(wanted.email) is not None:
        raise AlreadyInvited
    if invites.count_open() >= MAX_OPEN:
        raise TooManyInvites
    token = new_token()
    row = Invite(
        organization_id=uow.scope.organization_id,
        email=wanted.email,
        role=wanted.role,
        token_hash=hash_token(token),
        invited_by=uow.scope.user_id,
        expires_at=now() + LIFETIME,
    )
    invites.add(row)
    record(uow, Action.MEMBER_INVITED, "invite", row.id, role=row.role)
    return _sent(uow, row, token)


def resend_invite(uow: UnitOfWork, invite_id: UUID) -> SentInvite:
    """A new link for seven more days; the former one is dead. Raises `TooManyRequests`."""
    uow.scope.require(Permission.MANAGE_MEMBERS, "invite")
    take((rates.INVITES.of(str(uow.scope.organization_id)),))
    row = _open_invite(uow, invite_id)
    refuse_when_closing(uow)
    token = new_token()
    row.token_hash, row.sent_at, row.expires_at = hash_token(token), now(), now() + LIFETIME
    uow.flush()
    record(uow, Action.INVITE_SENT_AGAIN, "invite", row.id)
    return _sent(uow, row, token)


def withdraw_invite(uow: UnitOfWork, invite_id: UUID) -> None:
    """Ends an invite at once."""
    row = _open_invite(uow, invite_id)
    row.withdrawn_at = now()
    record(uow, Action.INVITE_WITHDRAWN, "invite", row.id)
    uow.notify("members", row.id)


def view_invite(token: str) -> InviteView:
    """What an invite's link offers; raises `LinkNotFound` for unknown, used, withdrawn and expired alike."""
    with unit_of_work(NoScope()) as uow:
        row = _lock(uow, token)
        organization = uow.repository(OrganizationRepository).get().name
        inviter = uow.repository(UserRepository).get(row.invited_by) if row.invited_by else None
        has_account = gateway.find_user(row.email) is not None
    return InviteView(organization, inviter.name if inviter else SOMEBODY, row.email, row.role, has_account)


def accept_invite(
    token: str, answer: InviteAnswer, *, ip_address: str, user_agent: str, request_id: str | None = None
) -> NewSession | CodeWanted:
    """Joins with the account of that address (its password proves it), or with a new one; signs the person in.

    Raises `LinkNotFound`, `WrongCredentials`, `TooManyRequests`, `WeakPassword` or `NameMissing`.
    """
    request_id = request_id or new_request_id()
    take(rates.link(ip_address))
    email = view_invite(token).email
    password = answer.password.get_secret_value()
    user_id = gateway.find_user(email)
    newcomer = None
    if user_id is None:
        newcomer = _newcomer(email, answer, password)
        user_id = newcomer.id
    else:
        check_password(email, password, ip_address=ip_address, request_id=request_id)
    with unit_of_work(NoScope(request_id)) as uow:
        use_invite(uow, token, user_id, newcomer)
        return open_session(
            uow, user_id, ip_address=ip_address, user_agent=user_agent, lands_in=uow.scope.organization_id
        )


def join_as(signed_in: SignedIn, token: str) -> None:
    """Joins with the account that is signed in already; raises `InviteForSomebodyElse` for another address."""
    email = view_invite(token).email
    if email.lower() != signed_in.user.email.lower():
        raise InviteForSomebodyElse(email)
    with unit_of_work(NoScope(signed_in.scope.request_id)) as uow:
        use_invite(uow, token, signed_in.user.id, None)
        _look_at(uow, signed_in.session_id)


def _newcomer(email: str, answer: InviteAnswer, password: str) -> User:
    if answer.name is None:
        raise NameMissing
    check_strength(password, personal=(answer.name, email))
    return User(
        id=new_id(), email=email, name=answer.name, password_hash=hash_password(password), password_changed_at=now()
    )


def use_invite(uow: UnitOfWork, token: str, user_id: UUID, newcomer: User | None) -> None:
    """Uses the invite up, in the scope of the member that it makes."""
    row = _lock(uow, token)
    role = Role(row.role)
    uow.enter(scope_of_member(row.organization_id, user_id, role, uow.any_scope.request_id))
    if newcomer is not None:
        uow.repository(UserRepository).add(newcomer)
    row.accepted_at = now()
    add_member(uow, user_id, role)
    uow.flush()
    uow.notify("members", user_id)


def _look_at(uow: UnitOfWork, session_id: UUID) -> None:
    uow.repository(SessionRepository).set_organization(session_id, uow.scope.organization_id)


def _lock(uow: UnitOfWork, token: str) -> Invite:
    found = gateway.find_invite(uow, hash_token(token))
    if found is None:
        raise LinkNotFound
    uow.enter(system_scope(found.organization_id, "invite", request_id=uow.any_scope.request_id))
    if uow.repository(OrganizationRepository).is_closing():
        raise LinkNotFound
    return uow.repository(InviteRepository).get(found.invite_id)


def _open_invite(uow: UnitOfWork, invite_id: UUID) -> Invite:
    uow.scope.require(Permission.MANAGE_MEMBERS, "invite")
    row = uow.repository(InviteRepository).get_for_update(invite_id)
    if row.accepted_at is not None or row.withdrawn_at is not None:
        raise LinkNotFound
    return row


def _sent(uow: UnitOfWork, row: Invite, token: str) -> SentInvite:
    link = f"{get_settings().base_url}/invite?token={token}"
    inviter = _name_of_caller(uow)
    queue_mail(
        uow,
        row.email,
        "invite",
        inviter=inviter,
        organization=uow.repository(OrganizationRepository).get().name,
        link=link,
        until=f"{row.expires_at:%d %B %Y, %H:%M} UTC",
    )
    uow.notify("members", row.id)
    return SentInvite(row.id, row.email, row.role, row.expires_at, link, can_send())


def _name_of_caller(uow: UnitOfWork) -> str:
    user = uow.repository(UserRepository).get(uow.scope.user_id) if uow.scope.user_id else None
    return user.name if user else SOMEBODY


def _row(row: Invite, inviter: str) -> InviteRow:
    return InviteRow(row.id, row.email, row.role, inviter, row.sent_at, row.expires_at, row.expires_at <= now())
