from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, select, tuple_
from sqlmodel import col

from clasio_backend.activity.schemas import ActivityFilter
from clasio_backend.core.repository import Repository, ScopedRepository, table_of
from clasio_backend.models import Activity, Document, Invite, Membership, SecurityEvent, Share, User

Listed = Row[*tuple[Any, ...]]
"""(entry, the person's name, the present name of what it is about, the address that a share was sent to)"""


class ActivityRepository(ScopedRepository[Activity]):
    model = Activity
    what = "entry"

    def append(self, entry: Activity) -> None:
        self._session.add(entry)

    def list_page(
        self, wanted: ActivityFilter, *, limit: int, before: tuple[datetime, UUID] | None = None
    ) -> list[Listed]:
        """Newest first; `before` is the last entry of the page before."""
        about = table_of(User).alias("about")
        members = select(col(Membership.user_id)).where(self._here(col(Membership.organization_id)))
        target = col(Activity.target_id)
        statement = (
            self._select(Activity, User.name, Document.name, about.c.name, Invite.email, Share.email)
            .outerjoin(User, col(User.id) == col(Activity.user_id))
            .outerjoin(about, and_(col(Activity.target_kind) == "user", about.c.id == target, about.c.id.in_(members)))
            .outerjoin(Document, and_(_same_organization(Document), col(Document.id) == target))
            .outerjoin(Invite, and_(_same_organization(Invite), col(Invite.id) == target))
            .outerjoin(Share, and_(_same_organization(Share), col(Share.id) == col(Activity.share_id)))
            .where(*_conditions(wanted))
            .order_by(col(Activity.at).desc(), col(Activity.id).desc())
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(tuple_(col(Activity.at), col(Activity.id)) < tuple_(*before))
        return list(self._session.execute(statement))


def _same_organization(model: type[Document] | type[Invite] | type[Share]) -> Any:
    return col(model.organization_id) == col(Activity.organization_id)


def _conditions(wanted: ActivityFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.person is not None:
        conditions.append(col(Activity.user_id) == wanted.person)
    if wanted.subject is not None:
        conditions.append(col(Activity.action).startswith(f"{wanted.subject}."))
    if wanted.document_id is not None:
        conditions.append(col(Activity.target_id) == wanted.document_id)
    if wanted.since is not None:
        conditions.append(col(Activity.at) >= wanted.since)
    if wanted.until is not None:
        conditions.append(col(Activity.at) < wanted.until)
    return conditions


class SecurityEventRepository(Repository):
    def append(self, event: SecurityEvent) -> None:
        self._session.add(event)
