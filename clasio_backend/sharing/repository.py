from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func
from sqlmodel import col

from clasio_backend.core.clock import now
from clasio_backend.core.repository import ScopedRepository
from clasio_backend.documents.opening import open_documents
from clasio_backend.models import Document, Membership, Organization, Share, ShareOpen, User

Listed = Row[*tuple[Any, ...]]
"""(share, the document's name, the sharer's name)"""


class ShareRepository(ScopedRepository[Share]):
    model = Share
    what = "share"
    document_column = "document_id"

    def _live(self, *columns: Any) -> Select[Any]:
        """Shares whose link opens something now: the same rule as `visits.open_share`."""
        return (
            self._select(*columns)
            .select_from(Share)
            .join(
                Document,
                and_(
                    col(Document.organization_id) == col(Share.organization_id),
                    col(Document.id) == col(Share.document_id),
                ),
            )
            .join(
                Membership,
                and_(
                    col(Membership.organization_id) == col(Share.organization_id),
                    col(Membership.user_id) == col(Share.created_by),
                ),
            )
            .join(Organization, col(Organization.id) == col(Share.organization_id))
            .where(
                col(Share.revoked_at).is_(None),
                col(Share.expires_at) > now(),
                col(Organization.deletion_due_at).is_(None),
                col(Document.deleted_at).is_(None),
                open_documents(),
                col(Membership.is_active).is_(True),
                col(Membership.created_at) <= col(Share.created_at),
            )
        )

    def list_live(
        self, *, limit: int, document_id: UUID | None = None, before: tuple[datetime, UUID] | None = None
    ) -> list[Listed]:
        """Newest first; `before` is the last row of the page before."""
        statement = (
            self._live(Share, Document.name, User.name)
            .outerjoin(User, col(User.id) == col(Share.created_by))
            .order_by(col(Share.created_at).desc(), col(Share.id).desc())
            .limit(limit)
        )
        if document_id is not None:
            statement = statement.where(col(Share.document_id) == document_id)
        if before is not None:
            created_at, share_id = before
            statement = statement.where(
                (col(Share.created_at) < created_at)
                | ((col(Share.created_at) == created_at) & (col(Share.id) < share_id))
            )
        return list(self._session.execute(statement))

    def count_live(self, *, document_id: UUID | None = None) -> int:
        statement = self._live(func.count())
        if document_id is not None:
            statement = statement.where(col(Share.document_id) == document_id)
        return int(self._session.execute(statement).scalar_one())

    def list_unrevoked(self, *, limit: int, created_by: UUID | None) -> list[Share]:
        """For revoking many: locked, also those that rest or have expired."""
        statement = self._select().where(col(Share.revoked_at).is_(None), col(Share.expires_at) > now())
        if created_by is not None:
            statement = statement.where(col(Share.created_by) == created_by)
        statement = statement.order_by(col(Share.id)).limit(limit).with_for_update()
        return list(self._session.execute(statement).scalars())

    def count_open(self, share_id: UUID, moment: datetime) -> None:
        """One more opening."""
        statement = self._update().where(col(Share.id) == share_id)
        self._session.execute(statement.values(open_count=Share.open_count + 1, last_opened_at=moment))


class ShareOpenRepository(ScopedRepository[ShareOpen]):
    model = ShareOpen
    what = "opening"

    def was_just_noted(self, share_id: UUID, kind: str, device: str, within: timedelta) -> bool:
        statement = self._select(func.count()).where(
            col(ShareOpen.share_id) == share_id,
            col(ShareOpen.kind) == kind,
            col(ShareOpen.device) == device,
            col(ShareOpen.at) > now() - within,
        )
        return bool(self._session.execute(statement).scalar_one())

    def list_of(self, share_id: UUID, *, limit: int) -> list[ShareOpen]:
        """Newest first."""
        statement = self._select().where(col(ShareOpen.share_id) == share_id)
        statement = statement.order_by(col(ShareOpen.at).desc(), col(ShareOpen.id).desc()).limit(limit)
        return list(self._session.execute(statement).scalars())
