"""Organizations, their people and their list of categories."""

from uuid import UUID

from clasio_backend.accounts.authorize import scope_of_member
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.config import get_settings
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import Role, Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.models import Category, Membership, Organization
from clasio_backend.organizations.defaults import DEFAULT_CATEGORIES
from clasio_backend.organizations.repository import CategoryRepository, MemberRepository, OrganizationRepository
from clasio_backend.organizations.schemas import CategoryRow, PersonRow

MAX_PEOPLE = 500
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
    """Makes a person a member. Who may is the caller's question: invites and the command line ask it."""
    membership = Membership(organization_id=uow.scope.organization_id, user_id=user_id, role=role)
    uow.repository(MemberRepository).add(membership)
    record(uow, Action.MEMBER_ADDED, "user", user_id)


def list_people(uow: UnitOfWork) -> list[PersonRow]:
    """The active members, by name."""
    return [PersonRow(*row) for row in uow.repository(MemberRepository).list_people(limit=MAX_PEOPLE)]


def list_categories(uow: UnitOfWork) -> list[CategoryRow]:
    """The categories that are offered, in the organization's order."""
    rows = uow.repository(CategoryRepository).list_active(limit=MAX_CATEGORIES)
    return [CategoryRow(row.id, row.name) for row in rows]


def set_plan(uow: UnitOfWork, plan: str) -> None:
    """Puts the organization on another plan (operators, billing)."""
    organization = uow.repository(OrganizationRepository).get()
    before, organization.plan = organization.plan, plan
    record(uow, Action.ORGANIZATION_CHANGED, "organization", organization.id, field="plan", before=before, after=plan)
