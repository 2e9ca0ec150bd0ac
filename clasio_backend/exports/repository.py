from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, or_, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from clasio_backend.core.clock import now
from clasio_backend.core.repository import Repository, ScopedRepository
from clasio_backend.exports.errors import ExportNotFound, ExportRunning
from clasio_backend.models import (
    Activity,
    Analysis,
    ApiToken,
    Category,
    Document,
    DocumentText,
    Export,
    Identity,
    Membership,
    Organization,
    Share,
    User,
    UserSession,
)
from clasio_backend.models.exports import ExportKind, ExportState

Listed = tuple[Export, str]
"""An export and the name of who asked for it."""


class ExportRepository(ScopedRepository[Export]):
    model = Export
    what = "export"

    def add_only(self, export: Export) -> Export:
        """Raises `ExportRunning` when one of this person and kind is being made, also in this very moment."""
        try:
            return self.add(export)
        except IntegrityError as error:
            raise ExportRunning from error

    def list_visible(self, user_id: UUID, *, with_organization: bool, limit: int) -> list[Listed]:
        """A person's own, and with `with_organization` those of the organization; newest first."""
        statement = self._shown(user_id, with_organization=with_organization)
        statement = statement.order_by(col(Export.created_at).desc(), col(Export.id).desc()).limit(limit)
        return [(row[0], row[1]) for row in self._session.execute(statement)]

    def get_visible(self, export_id: UUID, user_id: UUID, *, with_organization: bool, lock: bool) -> Listed:
        """Raises `ExportNotFound`; with `lock` the row is locked until the transaction ends."""
        statement = self._shown(user_id, with_organization=with_organization).where(col(Export.id) == export_id)
        row = self._session.execute(statement.with_for_update(of=Export) if lock else statement).one_or_none()
        if row is None:
            raise ExportNotFound
        return (row[0], row[1])

    def _shown(self, user_id: UUID, *, with_organization: bool) -> Select[Any]:
        mine = col(Export.requested_by) == user_id
        is_theirs = or_(mine, col(Export.kind) == ExportKind.ORGANIZATION) if with_organization else mine
        if not with_organization:  # who is no owner any more has no right to what they asked for as one
            is_theirs = mine & (col(Export.kind) == ExportKind.PERSON)
        return (
            self._select(Export, User.name)
            .join(User, col(User.id) == col(Export.requested_by))
            .where(
                is_theirs,
                col(Export.state) != ExportState.REMOVED,
                or_(col(Export.expires_at).is_(None), col(Export.expires_at) > now()),
            )
        )

    def delete(self, export: Export) -> None:
        self._session.delete(export)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is to export; documents that come in later have ids after `last_id`."""

    documents: int
    size_bytes: int
    last_id: UUID | None


class CollectRepository(ScopedRepository[Document]):
    """Reads an organization, or one person's part of it, a batch at a time in the order of the primary key."""

    model = Document
    what = "document"
    document_column = "id"

    def extent(self, person: UUID | None) -> Extent:
        statement = self._of(person, func.count(), func.coalesce(func.sum(Document.size_bytes), 0))
        documents, size_bytes = self._session.execute(statement).one()
        last = self._of(person, Document.id).order_by(col(Document.id).desc()).limit(1)
        return Extent(int(documents), int(size_bytes), self._session.execute(last).scalar_one_or_none())

    def documents(self, person: UUID | None, after: UUID | None, until: UUID, limit: int) -> list[Document]:
        statement = self._of(person).where(col(Document.id) <= until).order_by(col(Document.id)).limit(limit)
        if after is not None:
            statement = statement.where(col(Document.id) > after)
        return list(self._session.execute(statement).scalars())

    def _of(self, person: UUID | None, *columns: Any) -> Select[Any]:
        statement = self._select(*columns)
        return statement if person is None else statement.where(col(Document.uploaded_by) == person)

    def texts(self, ids: Sequence[UUID]) -> list[Row[*tuple[Any, ...]]]:
        """(document id, text, is truncated) of what was read."""
        statement = (
            select(col(DocumentText.document_id), col(DocumentText.text), col(DocumentText.is_truncated))
            .join(
                Document,
                (col(Document.organization_id) == col(DocumentText.organization_id))
                & (col(Document.id) == col(DocumentText.document_id)),
            )
            .where(
                self._here(col(DocumentText.organization_id)),
                col(DocumentText.document_id).in_(ids),
                col(Document.searchable_at).is_not(None),
            )
            .order_by(col(DocumentText.document_id))
        )
        return list(self._session.execute(statement))

    def analyses(self, ids: Sequence[UUID]) -> list[Analysis]:
        statement = select(Analysis).where(
            self._here(col(Analysis.organization_id)), col(Analysis.document_id).in_(ids)
        )
        statement = statement.order_by(col(Analysis.document_id), col(Analysis.created_at), col(Analysis.id))
        return list(self._session.execute(statement).scalars())

    def categories(self) -> list[Category]:
        statement = select(Category).where(self._here(col(Category.organization_id)))
        return list(self._session.execute(statement.order_by(col(Category.position), col(Category.id))).scalars())

    def members(self, after: UUID | None, limit: int) -> list[Row[*tuple[Any, ...]]]:
        """Memberships with their person's name and address, also those that were removed, by the person's id."""
        statement: Select[*tuple[Any, ...]] = (
            select(
                col(Membership.user_id),
                col(User.email),
                col(User.name),
                col(Membership.role),
                col(Membership.is_active),
                col(Membership.created_at),
                col(Membership.removed_at),
            )
            .join(User, col(User.id) == col(Membership.user_id))
            .where(self._here(col(Membership.organization_id)))
            .order_by(col(Membership.user_id))
            .limit(limit)
        )
        if after is not None:
            statement = statement.where(col(Membership.user_id) > after)
        return list(self._session.execute(statement))

    def shares(self, person: UUID | None, after: UUID | None, limit: int) -> list[Share]:
        statement = select(Share).where(self._here(col(Share.organization_id)))
        if person is not None:
            statement = statement.where(col(Share.created_by) == person)
        if after is not None:
            statement = statement.where(col(Share.id) > after)
        return list(self._session.execute(statement.order_by(col(Share.id)).limit(limit)).scalars())

    def activity(self, person: UUID | None, after: tuple[datetime, UUID] | None, limit: int) -> list[Activity]:
        statement = select(Activity).where(self._here(col(Activity.organization_id)))
        if person is not None:
            statement = statement.where(col(Activity.user_id) == person)
        if after is not None:
            statement = statement.where(tuple_(col(Activity.at), col(Activity.id)) > tuple_(*after))
        return list(
            self._session.execute(statement.order_by(col(Activity.at), col(Activity.id)).limit(limit)).scalars()
        )

    def tokens(self, person: UUID) -> list[ApiToken]:
        statement = select(ApiToken).where(self._here(col(ApiToken.organization_id)), col(ApiToken.user_id) == person)
        return list(self._session.execute(statement.order_by(col(ApiToken.id))).scalars())


class OwnRepository(Repository):
    """What a person has outside any organization."""

    def sessions(self) -> list[UserSession]:
        statement = select(UserSession).where(self._own(col(UserSession.user_id))).order_by(col(UserSession.created_at))
        return list(self._session.execute(statement).scalars())

    def identities(self) -> list[Identity]:
        statement = select(Identity).where(self._own(col(Identity.user_id))).order_by(col(Identity.created_at))
        return list(self._session.execute(statement).scalars())

    def memberships(self) -> list[Row[*tuple[Any, ...]]]:
        statement: Select[*tuple[Any, ...]] = (
            select(
                col(Membership.organization_id),
                col(Organization.name).label("organization"),
                col(Membership.role),
                col(Membership.is_active),
                col(Membership.created_at),
            )
            .join(Organization, col(Organization.id) == col(Membership.organization_id))
            .where(self._own(col(Membership.user_id)))
            .order_by(col(Membership.organization_id))
        )
        return list(self._session.execute(statement))
