from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlmodel import col

from clasio_backend.core.errors import NotFound
from clasio_backend.core.repository import Repository, ScopedRepository
from clasio_backend.core.scope import AnyScope, Scope
from clasio_backend.models import Category, Invite, Membership, Organization, User


class OrganizationRepository(Repository):
    """The organization of the scope itself."""

    def __init__(self, session: Any, scope: AnyScope) -> None:
        if not isinstance(scope, Scope):
            raise TypeError("OrganizationRepository needs a scope inside an organization")
        super().__init__(session, scope)
        self.scope = scope

    def get(self) -> Organization:
        statement = select(Organization).where(self._here(col(Organization.id)))
        organization: Organization | None = self._session.execute(statement).scalar_one_or_none()
        if organization is None:
            raise NotFound("organization")
        return organization

    def get_for_update(self) -> Organization:
        """The row, locked against other changes of it, but not against rows that come to belong to it."""
        statement = select(Organization).where(self._here(col(Organization.id))).with_for_update(key_share=True)
        organization: Organization | None = self._session.execute(statement).scalar_one_or_none()
        if organization is None:
            raise NotFound("organization")
        return organization

    def lock(self) -> None:
        """Makes steps that must see all memberships of this organization take turns."""
        statement = select(col(Organization.id)).where(self._here(col(Organization.id)))
        self._session.execute(statement.with_for_update())

    def add(self, organization: Organization) -> None:
        self._session.add(organization)
        self._session.flush()

    def is_closing(self) -> bool:
        """Whether it waits for its deletion, or that has come."""
        organization = self.get()
        return organization.deletion_due_at is not None or organization.deleted_at is not None


class MemberRepository(ScopedRepository[Membership]):
    model = Membership
    what = "member"

    def list_people(self, *, limit: int) -> list[Row[*tuple[Any, ...]]]:
        """(id, name, e-mail, role, is active, joined, last seen) of the members, by name; nobody who was removed."""
        statement = (
            self._select(
                User.id,
                User.name,
                User.email,
                Membership.role,
                Membership.is_active,
                Membership.created_at,
                User.last_seen_at,
            )
            .join(User, col(User.id) == col(Membership.user_id))
            .where(col(Membership.removed_at).is_(None))
            .order_by(func.lower(User.name), col(User.id))
            .limit(limit)
        )
        return list(self._session.execute(statement))

    def find_of(self, user_id: UUID) -> Membership | None:
        """The membership of a person, also one that was removed."""
        statement = self._select().where(col(Membership.user_id) == user_id)
        membership: Membership | None = self._session.execute(statement).scalar_one_or_none()
        return membership

    def count_owners(self) -> int:
        """How many active owners there are."""
        statement = self._select(func.count()).where(
            col(Membership.role) == "owner", col(Membership.is_active).is_(True)
        )
        return int(self._session.execute(statement).scalar_one())

    def has_address(self, email: str) -> bool:
        """Whether somebody with this e-mail address is a member now."""
        statement = (
            self._select(func.count(col(Membership.id)))
            .join(User, col(User.id) == col(Membership.user_id))
            .where(func.lower(User.email) == email.lower(), col(Membership.removed_at).is_(None))
        )
        return bool(self._session.execute(statement).scalar_one())

    def owner_addresses(self, *, limit: int) -> list[str]:
        """E-mail addresses of the active owners."""
        statement = (
            self._select(User.email)
            .select_from(Membership)
            .join(User, col(User.id) == col(Membership.user_id))
            .where(col(Membership.role) == "owner", col(Membership.is_active).is_(True))
            .order_by(col(User.id))
            .limit(limit)
        )
        return list(self._session.execute(statement).scalars())


class InviteRepository(ScopedRepository[Invite]):
    model = Invite
    what = "invite"

    def list_open(self, *, limit: int) -> list[Row[*tuple[Any, ...]]]:
        """(invite, name of who invited) that were neither used nor withdrawn, newest first; also those that expired."""
        statement = (
            self._select(Invite, User.name)
            .outerjoin(User, col(User.id) == col(Invite.invited_by))
            .where(col(Invite.accepted_at).is_(None), col(Invite.withdrawn_at).is_(None))
            .order_by(col(Invite.created_at).desc(), col(Invite.id).desc())
            .limit(limit)
        )
        return list(self._session.execute(statement))

    def find_open(self, email: str) -> Invite | None:
        statement = self._select().where(
            func.lower(Invite.email) == email.lower(),
            col(Invite.accepted_at).is_(None),
            col(Invite.withdrawn_at).is_(None),
        )
        invite: Invite | None = self._session.execute(statement).scalar_one_or_none()
        return invite

    def count_open(self) -> int:
        statement = self._select(func.count()).where(
            col(Invite.accepted_at).is_(None), col(Invite.withdrawn_at).is_(None)
        )
        return int(self._session.execute(statement).scalar_one())


class CategoryRepository(ScopedRepository[Category]):
    model = Category
    what = "category"

    def list_active(self, *, limit: int) -> list[Category]:
        statement = self._select().where(col(Category.archived_at).is_(None))
        statement = statement.order_by(col(Category.position), col(Category.name)).limit(limit)
        return list(self._session.execute(statement).scalars())

    def list_all(self, *, limit: int) -> list[Category]:
        """Those that are offered, in the organization's order, then the archived ones and those that go."""
        statement = self._select().order_by(
            col(Category.archived_at).is_not(None), col(Category.position), col(Category.name)
        )
        return list(self._session.execute(statement.limit(limit)).scalars())

    def count(self) -> int:
        statement = self._select(func.count()).where(col(Category.merged_into_id).is_(None))
        return int(self._session.execute(statement).scalar_one())

    def is_taking_over(self, category_id: UUID) -> bool:
        """Whether another category is being merged into this one."""
        statement = self._select(func.count()).where(col(Category.merged_into_id) == category_id)
        return bool(self._session.execute(statement).scalar_one())

    def never_sent(self) -> set[str]:
        """Names of the categories whose documents are analysed on this machine only."""
        return set(self._session.execute(self._select(Category.name).where(col(Category.never_send))).scalars())

    def delete(self, category: Category) -> None:
        self._session.delete(category)
        self._session.flush()

    def find_for_use(self, name: str) -> Category | None:
        """As `find_by_name`, for a row that is to point at it: it cannot be removed until the transaction ends."""
        statement = self._select().where(func.lower(Category.name) == func.lower(name))
        statement = statement.with_for_update(read=True, key_share=True)
        category: Category | None = self._session.execute(statement).scalar_one_or_none()
        return category

    def find_in_force(self, category_id: UUID) -> UUID | None:
        """The category itself, or the one that is taking its documents over; None when it is gone.

        It cannot be removed until the transaction ends.
        """
        statement = self._select().where(col(Category.id) == category_id).with_for_update(read=True, key_share=True)
        category: Category | None = self._session.execute(statement).scalar_one_or_none()
        return None if category is None else category.merged_into_id or category.id

    def names(self) -> dict[UUID, str]:
        """Every category's name, archived ones too: old documents still wear them."""
        rows = self._session.execute(self._select(Category.id, Category.name))
        return {row.id: row.name for row in rows}

    def find_by_name(self, name: str) -> Category | None:
        """The category of this name, however it is written; also an archived one."""
        statement = self._select().where(func.lower(Category.name) == func.lower(name))
        category: Category | None = self._session.execute(statement).scalar_one_or_none()
        return category
