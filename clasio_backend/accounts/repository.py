from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from clasio_backend.accounts.errors import EmailTaken, IdentityTaken
from clasio_backend.core.errors import NotFound
from clasio_backend.core.repository import Repository, ScopedRepository
from clasio_backend.models import (
    ApiToken,
    Identity,
    Membership,
    OneTimeLink,
    Organization,
    PendingSignIn,
    RecoveryCode,
    SecondFactor,
    User,
    UserSession,
)


class UserRepository(Repository):
    """The person in the scope and, in an organization, its members."""

    def get(self, user_id: UUID) -> User | None:
        members = select(col(Membership.user_id)).where(self._here(col(Membership.organization_id)))
        statement = select(User).where(col(User.id) == user_id, or_(self._own(col(User.id)), col(User.id).in_(members)))
        user: User | None = self._session.execute(statement).scalar_one_or_none()
        return user

    def get_for_update(self, user_id: UUID) -> User:
        """The person's own row, locked until the transaction ends."""
        statement = select(User).where(self._own(col(User.id)), col(User.id) == user_id).with_for_update()
        user: User | None = self._session.execute(statement).scalar_one_or_none()
        if user is None:
            raise NotFound("account")
        return user

    def add(self, user: User) -> None:
        """Raises `EmailTaken`, also when somebody else is writing the same address in this moment."""
        self._session.add(user)
        try:
            self._session.flush()
        except IntegrityError as error:
            raise EmailTaken from error

    def memberships(self) -> list[Row[*tuple[Any, ...]]]:
        """What an `OrganizationChoice` says, of the person's active ones, by name."""
        statement = (
            select(
                col(Organization.id),
                col(Organization.name),
                col(Membership.role),
                col(Organization.deletion_due_at),
                col(Organization.requires_second_factor),
            )
            .join(Membership, col(Membership.organization_id) == col(Organization.id))
            .where(
                self._own(col(Membership.user_id)),
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

    def link_email(self, link_id: UUID) -> str | None:
        """Where one of the person's own links was sent."""
        statement = select(col(OneTimeLink.email)).where(
            self._own(col(OneTimeLink.user_id)), col(OneTimeLink.id) == link_id
        )
        email: str | None = self._session.execute(statement).scalar_one_or_none()
        return email


class SessionRepository(Repository):
    """The person's own sessions."""

    def add(self, session: UserSession) -> None:
        self._session.add(session)
        self._session.flush()

    def touch(self, session_id: UUID, moment: datetime) -> None:
        self._session.execute(update(UserSession).where(*self._mine(session_id)).values(last_used_at=moment))

    def get(self, session_id: UUID) -> UserSession | None:
        session: UserSession | None = self._session.execute(
            select(UserSession).where(*self._mine(session_id))
        ).scalar_one_or_none()
        return session

    def set_organization(self, session_id: UUID, organization_id: UUID) -> None:
        statement = update(UserSession).where(*self._mine(session_id))
        self._session.execute(statement.values(organization_id=organization_id))

    def remove(self, session_id: UUID) -> None:
        self._session.execute(delete(UserSession).where(*self._mine(session_id)))

    def list_recent(self, *, limit: int) -> list[UserSession]:
        """Those that have not ended by themselves, the one used last first."""
        statement = select(UserSession).where(
            self._own(col(UserSession.user_id)), col(UserSession.expires_at) > func.now()
        )
        ordered = statement.order_by(col(UserSession.last_used_at).desc(), col(UserSession.id)).limit(limit)
        return list(self._session.execute(ordered).scalars())

    def remove_all(self, *, but: UUID | None = None) -> list[UUID]:
        """Ends every session of the person, or every other one; returns their ids."""
        statement = delete(UserSession).where(self._own(col(UserSession.user_id)))
        if but is not None:
            statement = statement.where(col(UserSession.id) != but)
        return list(self._session.execute(statement.returning(col(UserSession.id))).scalars())

    def remove_of_provider(self, provider: str, *, but: UUID | None) -> list[UUID]:
        """Ends the person's sessions that were opened through this provider; returns their ids."""
        statement = delete(UserSession).where(
            self._own(col(UserSession.user_id)), col(UserSession.provider) == provider
        )
        if but is not None:
            statement = statement.where(col(UserSession.id) != but)
        return list(self._session.execute(statement.returning(col(UserSession.id))).scalars())

    def _mine(self, session_id: UUID) -> tuple[ColumnElement[bool], ...]:
        return self._own(col(UserSession.user_id)), col(UserSession.id) == session_id


class SecondFactorRepository(Repository):
    """The person's own second factor and recovery codes."""

    def is_on(self) -> bool:
        """Whether a code is asked for at sign-in."""
        confirmed = col(SecondFactor.confirmed_at).is_not(None)
        statement = select(col(SecondFactor.id)).where(self._own(col(SecondFactor.user_id)), confirmed)
        return self._session.execute(statement).first() is not None

    def find(self) -> SecondFactor | None:
        """Also one that is not confirmed yet."""
        factor: SecondFactor | None = self._session.execute(self._select()).scalar_one_or_none()
        return factor

    def find_for_update(self) -> SecondFactor | None:
        """The same, locked until the transaction ends: of codes typed at once, one is taken after the other."""
        factor: SecondFactor | None = self._session.execute(self._select().with_for_update()).scalar_one_or_none()
        return factor

    def add(self, factor: SecondFactor) -> None:
        self._session.add(factor)
        self._session.flush()

    def remove(self) -> None:
        """Factor and recovery codes."""
        self._session.execute(delete(SecondFactor).where(self._own(col(SecondFactor.user_id))))
        self._session.execute(delete(RecoveryCode).where(self._own(col(RecoveryCode.user_id))))

    def replace_recovery_codes(self, user_id: UUID, hashes: list[bytes]) -> None:
        self._session.execute(delete(RecoveryCode).where(self._own(col(RecoveryCode.user_id))))
        self._session.add_all([RecoveryCode(user_id=user_id, code_hash=code_hash) for code_hash in hashes])
        self._session.flush()

    def use_recovery_code(self, code_hash: bytes, moment: datetime) -> bool:
        """Uses it up; False when there is no such code, or it was used."""
        statement = (
            update(RecoveryCode)
            .where(
                self._own(col(RecoveryCode.user_id)),
                col(RecoveryCode.code_hash) == code_hash,
                col(RecoveryCode.used_at).is_(None),
            )
            .values(used_at=moment)
            .returning(col(RecoveryCode.id))
        )
        return self._session.execute(statement).first() is not None

    def count_recovery_codes(self) -> int:
        """How many are left."""
        is_left = col(RecoveryCode.used_at).is_(None)
        statement = select(func.count()).where(self._own(col(RecoveryCode.user_id)), is_left)
        return int(self._session.execute(statement).scalar_one())

    def _select(self) -> Select[Any]:
        return select(SecondFactor).where(self._own(col(SecondFactor.user_id)))


class IdentityRepository(Repository):
    """The person's own accounts elsewhere."""

    def add(self, identity: Identity) -> None:
        """Raises `IdentityTaken`, also when somebody else is connecting the same one in this moment."""
        self._session.add(identity)
        try:
            self._session.flush()
        except IntegrityError as error:
            raise IdentityTaken from error

    def list_own(self) -> list[Identity]:
        """Those that were connected first come first."""
        statement = select(Identity).where(self._own(col(Identity.user_id)))
        return list(self._session.execute(statement.order_by(col(Identity.created_at), col(Identity.id))).scalars())

    def touch(self, identity_id: UUID, email: str | None, moment: datetime) -> bool:
        """Notes that it was used, and as which address the provider knows it by now; False when it is gone."""
        values = {"last_used_at": moment} | ({"email": email} if email else {})
        statement = update(Identity).where(self._own(col(Identity.user_id)), col(Identity.id) == identity_id)
        return self._session.execute(statement.values(values).returning(col(Identity.id))).first() is not None

    def remove(self, identity_id: UUID) -> None:
        self._session.execute(delete(Identity).where(self._own(col(Identity.user_id)), col(Identity.id) == identity_id))

    def remove_all(self) -> None:
        self._session.execute(delete(Identity).where(self._own(col(Identity.user_id))))


class PendingSignInRepository(Repository):
    """The person's own sign-ins that wait for a code."""

    def add(self, pending: PendingSignIn) -> None:
        """Those that have expired go at the same time."""
        expired = col(PendingSignIn.expires_at) <= func.now()
        self._session.execute(delete(PendingSignIn).where(self._own(col(PendingSignIn.user_id)), expired))
        self._session.add(pending)
        self._session.flush()

    def find_for_update(self, pending_id: UUID) -> PendingSignIn | None:
        statement = select(PendingSignIn).where(
            self._own(col(PendingSignIn.user_id)), col(PendingSignIn.id) == pending_id
        )
        pending: PendingSignIn | None = self._session.execute(statement.with_for_update()).scalar_one_or_none()
        return pending

    def remove(self, pending_id: UUID) -> None:
        self._session.execute(
            delete(PendingSignIn).where(self._own(col(PendingSignIn.user_id)), col(PendingSignIn.id) == pending_id)
        )

    def remove_all(self) -> None:
        self._session.execute(delete(PendingSignIn).where(self._own(col(PendingSignIn.user_id))))


class MembershipRepository(ScopedRepository[Membership]):
    model = Membership
    what = "member"

    def find_active(self, user_id: UUID) -> Membership | None:
        """None also when the organization itself is deleted."""
        statement = (
            self._select()
            .join(Organization, col(Organization.id) == col(Membership.organization_id))
            .where(
                col(Membership.user_id) == user_id,
                col(Membership.is_active).is_(True),
                col(Organization.deleted_at).is_(None),
            )
        )
        membership: Membership | None = self._session.execute(statement).scalar_one_or_none()
        return membership

    def terms(self) -> tuple[str, bool, str]:
        """Of the organization: its name, whether it requires two-factor sign-in, and its plan."""
        statement = select(
            col(Organization.name), col(Organization.requires_second_factor), col(Organization.plan)
        ).where(self._here(col(Organization.id)))
        name, requires, plan = self._session.execute(statement).one()
        return name, requires, plan


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

    def revoke_all_of(self, user_id: UUID, moment: datetime) -> None:
        """Ends every token of a person in this organization."""
        statement = self._update().where(col(ApiToken.user_id) == user_id, col(ApiToken.revoked_at).is_(None))
        self._session.execute(statement.values(revoked_at=moment))

    def remove_all_of(self, user_id: UUID) -> None:
        """Removes the tokens of a person in this organization, revoked ones too."""
        statement = delete(ApiToken).where(self._here(col(ApiToken.organization_id)), col(ApiToken.user_id) == user_id)
        self._session.execute(statement)

    def touch(self, token_id: UUID, moment: datetime) -> None:
        statement = self._update().where(col(ApiToken.id) == token_id)
        self._session.execute(statement.values(last_used_at=moment))
