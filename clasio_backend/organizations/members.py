"""People of an organization: roles, switching off, removing, leaving. There is always an active owner."""

from uuid import UUID

from clasio_backend.accounts.service import end_access
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.models import Membership
from clasio_backend.organizations.errors import LastOwner
from clasio_backend.organizations.repository import MemberRepository, OrganizationRepository
from clasio_backend.organizations.schemas import MemberChange, PersonRow

MAX_PEOPLE = 500


def list_people(uow: UnitOfWork) -> list[PersonRow]:
    """The members, by name; also those who are switched off. Owners see who has a second factor."""
    uow.scope.require(Permission.READ_DOCUMENTS, "member")
    rows = uow.repository(MemberRepository).list_people(limit=MAX_PEOPLE)
    if not uow.scope.may(Permission.MANAGE_MEMBERS):
        return [PersonRow(*row) for row in rows]
    having = gateway.members_with_second_factor(uow)
    return [PersonRow(*(*row, row[0] in having)) for row in rows]


def change_member(uow: UnitOfWork, user_id: UUID, change: MemberChange) -> None:
    """Changes a role, or switches a membership off and on; raises `LastOwner`."""
    uow.scope.require(Permission.MANAGE_MEMBERS, "member")
    membership = _locked(uow, user_id)
    if change.role is not None and change.role != membership.role:
        record(uow, Action.MEMBER_ROLE_CHANGED, "user", user_id, before=membership.role, after=change.role)
        membership.role = change.role
    if change.is_active is not None and change.is_active != membership.is_active:
        action = Action.MEMBER_SWITCHED_ON if change.is_active else Action.MEMBER_SWITCHED_OFF
        record(uow, action, "user", user_id)
        membership.is_active = change.is_active
    _settle(uow, membership)


def remove_member(uow: UnitOfWork, user_id: UUID) -> None:
    """Removes a member, or lets the caller leave; their access here ends at once. Raises `LastOwner`."""
    is_leaving = user_id == uow.scope.user_id
    if is_leaving:
        uow.scope.require_whole()
    else:
        uow.scope.require(Permission.MANAGE_MEMBERS, "member")
    membership = _locked(uow, user_id)
    membership.is_active, membership.removed_at = False, now()
    record(uow, Action.MEMBER_LEFT if is_leaving else Action.MEMBER_REMOVED, "user", user_id)
    _settle(uow, membership)


def leave(uow: UnitOfWork) -> None:
    """The caller leaves the organization."""
    if uow.scope.user_id is None:
        raise NotFound("member")
    remove_member(uow, uow.scope.user_id)


def _locked(uow: UnitOfWork, user_id: UUID) -> Membership:
    """The membership, while nobody else changes memberships here: two last owners cannot both go."""
    uow.repository(OrganizationRepository).lock()
    membership = uow.repository(MemberRepository).find_of(user_id)
    if membership is None or membership.removed_at is not None:
        raise NotFound("member")
    return membership


def _settle(uow: UnitOfWork, membership: Membership) -> None:
    uow.flush()
    if uow.repository(MemberRepository).count_owners() == 0:
        raise LastOwner
    if not membership.is_active:
        end_access(uow, membership.user_id)
    uow.notify("members", membership.user_id)
