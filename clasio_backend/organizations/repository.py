from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlmodel import col

from clasio_backend.core.errors import NotFound
from clasio_backend.core.repository import Repository, ScopedRepository
from clasio_backend.core.scope import AnyScope, Scope
from clasio_backend.models import Category, Membership, Organization, User


class OrganizationRepository(Repository):
    """The organization of the scope itself."""

    def __init__(self, session: Any, scope: AnyScope) -> None:
        if not isinstance(scope, Scope):
            raise TypeError("OrganizationRepository needs a scope inside an organization")
        super().__init__(session, scope)
        self.scope = scope

    def get(self) -> Organization:
        statement = select(Organization).where(col(Organization.id) == self.scope.organization_id)
        organization: Organization | None = self._session.execute(statement).scalar_one_or_none()
        if organization is None:
            raise NotFound("organization")
        return organization

    def add(self, organization: Organization) -> None:
        self._session.add(organization)
        self._session.flush()


class MemberRepository(ScopedRepository[Membership]):
    model = Membership
    what = "member"

    def list_people(self, *, limit: int) -> list[Row[*tuple[Any, ...]]]:
        """(id, name, e-mail, role) of the active members, by name."""
        statement = (
            self._select(User.id, User.name, User.email, Membership.role)
            .join(User, col(User.id) == col(Membership.user_id))
            .where(col(Membership.is_active).is_(True))
            .order_by(func.lower(User.name), col(User.id))
            .limit(limit)
        )
        return list(self._session.execute(statement))


class CategoryRepository(ScopedRepository[Category]):
    model = Category
    what = "category"

    def list_active(self, *, limit: int) -> list[Category]:
        statement = self._select().where(col(Category.archived_at).is_(None))
        statement = statement.order_by(col(Category.position), col(Category.name)).limit(limit)
        return list(self._session.execute(statement).scalars())

    def names(self) -> dict[UUID, str]:
        """Every category's name, archived ones too: old documents still wear them."""
        rows = self._session.execute(self._select(Category.id, Category.name))
        return {row.id: row.name for row in rows}

    def find_by_name(self, name: str) -> Category | None:
        statement = self._select().where(func.lower(Category.name) == name.lower())
        category: Category | None = self._session.execute(statement).scalar_one_or_none()
        return category
