from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlmodel import col

from clasio_backend.core.repository import ScopedRepository, table_of
from clasio_backend.models import Analysis, Document, Import, Membership, Organization

_DOCUMENTS = table_of(Document)
_SET_PEOPLE = (
    update(_DOCUMENTS)
    .where(_DOCUMENTS.c.id == bindparam("of_document"))
    .values(uploaded_by=bindparam("uploader"), deleted_by=bindparam("remover"))
)


class ImportRepository(ScopedRepository[Import]):
    """Writes an organization that nobody sees yet."""

    model = Import
    what = "import"

    def add_all(self, rows: Iterable[Document] | Iterable[Analysis] | Iterable[Membership]) -> None:
        """Rows of this organization, sent together."""
        for row in rows:
            self._refuse_foreign(row)
            self._session.add(row)
        self._session.flush()

    def set_people(self, changes: list[dict[str, Any]]) -> None:
        """Who added and who removed each document."""
        if changes:
            self._session.execute(_SET_PEOPLE.where(self._here(_DOCUMENTS.c.organization_id)), changes)

    def show_life(self, moment: datetime) -> bool:
        """Notes that the import goes on; False when it was cleared away."""
        return self._change(col(Import.abandoned_at).is_(None), seen_at=moment)

    def abandon(self, moment: datetime) -> bool:
        """From now on the import cannot go on; False when it has ended."""
        return self._change(abandoned_at=moment)

    def finish(self, moment: datetime) -> bool:
        """Makes the organization visible; False when it was cleared away."""
        if not self._change(col(Import.abandoned_at).is_(None), finished_at=moment):
            return False
        organization = update(Organization).where(self._here(col(Organization.id)))
        self._session.execute(organization.values(deleted_at=None))
        return True

    def delete_organization(self) -> None:
        """Everything of the organization goes with it."""
        self._session.execute(delete(Organization).where(self._here(col(Organization.id))))

    def _change(self, *conditions: Any, **values: Any) -> bool:
        statement = update(Import).where(
            self._here(col(Import.organization_id)), col(Import.finished_at).is_(None), *conditions
        )
        done = self._session.execute(statement.values(**values).returning(col(Import.id)))
        return done.scalar_one_or_none() is not None
