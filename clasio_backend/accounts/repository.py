from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update
from sqlmodel import col

from clasio_backend.core.repository import Repository, ScopedRepository
from clasio_backend.models import ApiToken, Membership, OneTimeLink, Organization, User, UserSession


class UserRepository(Repository):
    """Rows of the person in the scope (and, for reading, of colleagues): the policies see to it."""

    def get(self, user_id: UUID) -> User | None:
        return self._session.get(User, user_id)

    def add(self, user: User) -> None:
        self._session.add(user)
        self._session.flush()

    def memberships(self, user_id: UUID) -> list[Row[*tuple[Any, ...]]]:
        """(organization id, its name, role) of the active ones, by name."""
        statement = (
            select(col(Organization.id), col(Organization.name), col(Membership.role))
            .join(Membership, col(Membership.organization_id) == col(Organization.id))
            .where(
                col(Membership.user_id) == user_id,
                col(Membership.is_active).is_(True),
                col(Organization.deleted_at).is_(None),
            )
            .order_by(col(Organization.name), col(Organization.id))
            .limit(200)
        )
        return list(self._session.execute(statement))

    def add_link(self, link: OneTimeLink) -> None:
        self._session.add(link)
        self._session.flush()


class SessionRepository(Repository):
    def add(self, session: UserSession) -> None:
        self._session.add(session)
        self._session.flush()

    def touch(self, session_id: UUID, moment: datetime) -> None:
        self._session.execute(update(UserSession).where(col(UserSession.id) == session_id).values(last_used_at=moment))

    def get(self, session_id: UUID) -> UserSession | None:
        return self._session.get(UserSession, session_id)

    def set_organization(self, session_id: UUID, organization_id: UUID) -> None:
        self._session.execute(
            update(UserSession).where(col(UserSession.id) == session_id).values(organization_id=organization_id)
        )

    def remove(self, session_id: UUID) -> None:
        self._session.execute(delete(UserSession).where(col(UserSession.id) == session_id))

    def remove_all_of(self, user_id: UUID) -> list[UUID]:
        statement = delete(UserSession).where(col(UserSession.user_id) == user_id).returning(col(UserSession.id))
        return list(self._session.execute(statement).scalars())


class MembershipRepository(ScopedRepository[Membership]):
    model = Membership
    what = "member"

    def find_active(self, user_id: UUID) -> Membership | None:
        statement = self._select().where(col(Membership.user_id) == user_id, col(Membership.is_active).is_(True))
        membership: Membership | None = self._session.execute(statement).scalar_one_or_none()
        return membership


class ApiTokenRepository(ScopedRepository[ApiToken]):
    model = ApiToken
    what = "token"

    def list_of(self, user_id: UUID, *, limit: int) -> list[ApiToken]:
        statement = (
            self._select()
            .where(col(ApiToken.user_id) == user_id, col(ApiToken.revoked_at).is_(None))
            .order_by(col(ApiToken.created_at).desc())
            .limit(limit)
        )
        return list(self._session.execute(statement).scalars())

    def touch(self, token_id: UUID, moment: datetime) -> None:
        statement = update(ApiToken).where(
            col(ApiToken.organization_id) == self.scope.organization_id, col(ApiToken.id) == token_id
        )
        self._session.execute(statement.values(last_used_at=moment))
