from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, delete, func, select, tuple_, update
from sqlmodel import SQLModel, col

from clasio_backend.core.repository import Repository, ScopedRepository
from clasio_backend.models import Document, Invite, Job, Mail, Membership, Organization, User
from clasio_backend.models.jobs import JobState

LOOK_AT_PERSONS = "sessions"
"""It names an organization, but a row of it belongs to a person."""
APPEND_ONLY = "activity"
"""One function of the gateway removes it."""


class OwnMembershipRepository(Repository):
    """The memberships of the person in the scope, across organizations."""

    def organization_ids(self) -> list[UUID]:
        """Where the person is a member, also where that is switched off; in the order in which they are locked."""
        statement = select(col(Membership.organization_id)).where(
            self._own(col(Membership.user_id)), col(Membership.removed_at).is_(None)
        )
        return list(self._session.execute(statement.order_by(col(Membership.organization_id))).scalars())

    def former(self) -> list[tuple[UUID, datetime]]:
        """(organization, when it ended) of each membership that has ended."""
        statement = (
            select(col(Membership.organization_id), col(Membership.removed_at))
            .where(self._own(col(Membership.user_id)), col(Membership.removed_at).is_not(None))
            .order_by(col(Membership.organization_id))
        )
        return [(row[0], row[1]) for row in self._session.execute(statement)]


class ColleagueRepository(ScopedRepository[Membership]):
    """What one organization would be without one of its people, and what it keeps of them."""

    model = Membership
    what = "member"

    def count_others(self, user_id: UUID) -> int:
        """How many others are members, also those who are switched off."""
        statement = self._select(func.count()).where(
            col(Membership.user_id) != user_id, col(Membership.removed_at).is_(None)
        )
        return int(self._session.execute(statement).scalar_one())

    def count_other_owners(self, user_id: UUID) -> int:
        """How many other active owners there are whose account is not to be deleted as well."""
        statement = (
            self._select(func.count(col(Membership.id)))
            .join(User, and_(col(User.id) == col(Membership.user_id), col(User.deletion_due_at).is_(None)))
            .where(
                col(Membership.user_id) != user_id,
                col(Membership.role) == "owner",
                col(Membership.is_active).is_(True),
            )
        )
        return int(self._session.execute(statement).scalar_one())

    def documents_of(self, user_id: UUID, *, limit: int) -> list[UUID]:
        """What a person uploaded and is not in the trash."""
        statement = select(col(Document.id)).where(
            self._here(col(Document.organization_id)),
            col(Document.uploaded_by) == user_id,
            col(Document.deleted_at).is_(None),
        )
        return list(self._session.execute(statement.order_by(col(Document.id)).limit(limit)).scalars())

    def withdraw_invites_by(self, user_id: UUID, moment: datetime) -> None:
        """Ends the invites that a person sent and nobody has used."""
        statement = update(Invite).where(
            self._here(col(Invite.organization_id)),
            col(Invite.invited_by) == user_id,
            col(Invite.accepted_at).is_(None),
            col(Invite.withdrawn_at).is_(None),
        )
        self._session.execute(statement.values(withdrawn_at=moment))

    def forget_address(self, email: str, stand_in: str, *, but: str) -> None:
        """Removes an e-mail address from invites and from mail, but for the message made of the template `but`."""
        same = email.lower()
        invites = update(Invite).where(self._here(col(Invite.organization_id)), func.lower(Invite.email) == same)
        mails = delete(Mail).where(
            self._here(col(Mail.organization_id)), func.lower(Mail.to_address) == same, col(Mail.template) != but
        )
        self._session.execute(invites.where(col(Invite.accepted_at).is_not(None)).values(email=stand_in))
        self._session.execute(mails)


class EverythingRepository(ScopedRepository[Job]):
    """Everything that an organization has, to be removed. A table that is added later is found by itself."""

    model = Job
    what = "row"

    def cancel_jobs(self, *, but: Iterable[str] = ()) -> None:
        """Jobs that have not begun will not; of the kinds `but` they still may."""
        statement = update(Job).where(
            self._here(col(Job.organization_id)),
            col(Job.state) == JobState.QUEUED,
            col(Job.kind).not_in(list(but)),
        )
        self._session.execute(statement.values(state=JobState.CANCELLED, finished_at=func.now()))

    def has_running_jobs(self) -> bool:
        statement = self._select(func.count()).where(col(Job.state) == JobState.RUNNING)
        return bool(self._session.execute(statement).scalar_one())

    def remove_some(self, batch: int) -> int:
        """Removes at most `batch` rows of one table, of those that nothing points to first; 0 when none is left."""
        for table in _TABLES:
            removed = self._remove_from(table, batch)
            if removed:
                return removed
        return 0

    def _remove_from(self, table: Table, batch: int) -> int:
        key = tuple_(*table.primary_key.columns)
        some = select(*table.primary_key.columns).where(self._here(table.c.organization_id))
        result: Any = self._session.execute(delete(table).where(key.in_(some.limit(batch))))
        return int(result.rowcount)

    def remove_organization(self) -> bool:
        """The row itself, and with it what came in since `remove_some` found nothing; False when it is gone already."""
        statement = delete(Organization).where(self._here(col(Organization.id)))
        return self._session.execute(statement.returning(col(Organization.id))).scalar_one_or_none() is not None


def tenant_tables() -> list[Table]:
    """Every table of organizations, those that point to others before those that they point to."""
    return [
        table
        for table in reversed(SQLModel.metadata.sorted_tables)
        if "organization_id" in table.columns and table.name not in {LOOK_AT_PERSONS, APPEND_ONLY}
    ]


_TABLES = tenant_tables()
