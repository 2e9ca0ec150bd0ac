"""Organizations and their list of categories."""

from uuid import UUID

from clasio_backend.accounts.authorize import scope_of_member
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import NotFound
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import Permission, Role, Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.models import Category, Membership, Organization
from clasio_backend.organizations.defaults import DEFAULT_CATEGORIES
from clasio_backend.organizations.errors import OrganizationClosing
from clasio_backend.organizations.repository import CategoryRepository, MemberRepository, OrganizationRepository
from clasio_backend.organizations.rows import to_row
from clasio_backend.organizations.schemas import CategoryRow

MAX_CATEGORIES = 200


def founding_scope(user_id: UUID, request_id: str) -> Scope:
    """The scope in which `found_organization` runs: an organization with a new id, and its first owner."""
    return scope_of_member(new_id(), user_id, Role.OWNER, request_id)


def found_organization(uow: UnitOfWork, name: str, *, plan: str | None = None) -> UUID:
    """Creates the organization of a `founding_scope`, its owner's membership and the default categories."""
    scope = uow.scope
    uow.repository(OrganizationRepository).add(
        Organization(id=scope.organization_id, name=name, plan=plan or get_settings().plan_of_new_organizations)
    )
    if scope.user_id is not None:
        add_member(uow, scope.user_id, Role.OWNER)
    categories = uow.repository(CategoryRepository)
    for position, category in enumerate(DEFAULT_CATEGORIES):
        categories.add(Category(organization_id=scope.organization_id, name=category, position=position))
    record(uow, Action.ORGANIZATION_CREATED, "organization", scope.organization_id, name=name)
    return scope.organization_id


def add_member(uow: UnitOfWork, user_id: UUID, role: Role) -> None:
    """Makes a person a member, again if they were removed. Who may is the caller's question: invites ask it."""
    members = uow.repository(MemberRepository)
    membership = members.find_of(user_id)
    if membership is None:
        members.add(Membership(organization_id=uow.scope.organization_id, user_id=user_id, role=role))
    elif membership.removed_at is not None:
        membership.role, membership.is_active, membership.removed_at = role, True, None
        membership.created_at = now()  # a new membership: shares of the former one stay closed
    else:
        return
    record(uow, Action.MEMBER_ADDED, "user", user_id)


def refuse_when_closing(uow: UnitOfWork) -> None:
    """Raises `OrganizationClosing` while the organization waits for its deletion, `NotFound` once that has come."""
    organization = uow.repository(OrganizationRepository).get()
    if organization.deleted_at is not None:
        raise NotFound("organization")
    if organization.deletion_due_at is not None:
        raise OrganizationClosing(organization.deletion_due_at)


def list_categories(uow: UnitOfWork) -> list[CategoryRow]:
    """The categories that are offered, in the organization's order."""
    uow.scope.require(Permission.READ_DOCUMENTS, "category")
    rows = uow.repository(CategoryRepository).list_active(limit=MAX_CATEGORIES)
    return [to_row(row) for row in rows]
