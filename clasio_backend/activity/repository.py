from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_
from sqlmodel import col

from clasio_backend.core.repository import Repository, ScopedRepository
from clasio_backend.models import Activity, Document, SecurityEvent, User


class ActivityRepository(ScopedRepository[Activity]):
    model = Activity
    what = "entry"

    def append(self, entry: Activity) -> None:
        self._session.add(entry)

    def latest(
        self, *, limit: int, target_id: UUID | None = None, user_id: UUID | None = None
    ) -> list[Row[*tuple[Any, ...]]]:
        """Newest first, with the person's and the document's present names."""
        statement = (
            self._select(Activity, User.name, Document.name)
            .outerjoin(User, col(User.id) == col(Activity.user_id))
            .outerjoin(
                Document,
                and_(
                    col(Document.organization_id) == col(Activity.organization_id),
                    col(Document.id) == col(Activity.target_id),
                ),
            )
            .order_by(col(Activity.at).desc(), col(Activity.id).desc())
            .limit(limit)
        )
        if target_id is not None:
            statement = statement.where(col(Activity.target_id) == target_id)
        if user_id is not None:
            statement = statement.where(col(Activity.user_id) == user_id)
        return list(self._session.execute(statement))


class SecurityEventRepository(Repository):
    def append(self, event: SecurityEvent) -> None:
        self._session.add(event)
