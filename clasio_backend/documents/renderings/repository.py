from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from clasio_backend.core.repository import ScopedRepository, table_of
from clasio_backend.documents.opening import open_documents
from clasio_backend.models import Document, Rendering
from clasio_backend.models.renderings import RenderingKind

_TABLE = table_of(Rendering)
_KEY = ["organization_id", "document_id", "page", "kind"]


class RenderingRepository(ScopedRepository[Rendering]):
    model = Rendering
    what = "page"
    document_column = "document_id"

    def find_one(self, document_id: UUID, page: int, kind: str) -> tuple[Rendering, bool] | None:
        """The row, and whether somebody holds it to draw it right now, by the database's clock."""
        held = func.coalesce(col(Rendering.lease_expires_at) > func.now(), False)
        statement = self._select(Rendering, held).where(*_one(document_id, page, kind))
        row = self._session.execute(statement).one_or_none()
        return None if row is None else (row[0], bool(row[1]))

    def hold_document(self, document_id: UUID) -> bool:
        """Keeps the document from being purged until the transaction ends; False when it is gone or closed."""
        statement = select(col(Document.id)).where(
            self._here(col(Document.organization_id)), col(Document.id) == document_id, open_documents()
        )
        statement = statement.with_for_update(read=True, key_share=True)
        return self._session.execute(statement).scalar_one_or_none() is not None

    def claim(  # noqa: PLR0913, PLR0917  # the columns of one row
        self, document_id: UUID, page: int, kind: str, version: str, token: UUID, lease: timedelta
    ) -> bool:
        """Whether it is `token`'s to draw now: nobody has drawn this version, and nobody is at it."""
        row = {
            "organization_id": self.scope.organization_id,
            "document_id": document_id,
            "page": page,
            "kind": kind,
            "version": version,
            "lease_token": token,
            "lease_expires_at": func.now() + lease,
        }
        fresh = {name: value for name, value in row.items() if name not in _KEY} | {"created_at": func.now()}
        undone = and_(_TABLE.c.file_id.is_(None), _TABLE.c.failure.is_(None))
        free = or_(_TABLE.c.lease_expires_at.is_(None), _TABLE.c.lease_expires_at < func.now())
        statement = insert(_TABLE).values(row)
        statement = statement.on_conflict_do_update(
            index_elements=_KEY,
            set_=fresh | {"file_id": None, "failure": None},
            where=and_(self._here(_TABLE.c.organization_id), or_(_TABLE.c.version != version, and_(undone, free))),
        )
        return self._session.execute(statement.returning(_TABLE.c.page)).scalar_one_or_none() is not None

    def lock_claimed(self, document_id: UUID, token: UUID) -> bool:
        """Locks the row that `token` claimed; False when another has it now, or it is gone with its document."""
        statement = self._select(Rendering.page).where(*_claimed(document_id, token)).with_for_update()
        return self._session.execute(statement).scalar_one_or_none() is not None

    def settle(self, document_id: UUID, token: UUID, *, file_id: UUID | None, failure: str | None) -> None:
        """Writes down what became of the drawing, and ends the claim."""
        values: dict[str, Any] = {"file_id": file_id, "failure": failure, "lease_token": None, "lease_expires_at": None}
        self._session.execute(
            update(_TABLE).where(self._here(_TABLE.c.organization_id), *_claimed(document_id, token)).values(values)
        )

    def drop_claimed(self, document_id: UUID, token: UUID) -> None:
        """As if it had never been asked for."""
        self._session.execute(delete(_TABLE).where(self._here(_TABLE.c.organization_id), *_claimed(document_id, token)))

    def forget(self, document_id: UUID, file_id: UUID) -> None:
        """A file that cannot be read any more: it is drawn again."""
        self._session.execute(
            delete(_TABLE).where(
                self._here(_TABLE.c.organization_id),
                _TABLE.c.document_id == document_id,
                _TABLE.c.file_id == file_id,
            )
        )

    def list_old(self, document_id: UUID, older_than: timedelta) -> list[UUID]:
        """Files of what was drawn so long ago, but for the small picture that lists show."""
        statement = self._select(Rendering.file_id).where(*_old(document_id, older_than))
        return [file_id for file_id in self._session.execute(statement).scalars() if file_id is not None]

    def remove_old(self, document_id: UUID, older_than: timedelta) -> None:
        """Their rows, and those of what could not be drawn then."""
        self._session.execute(
            delete(_TABLE).where(self._here(_TABLE.c.organization_id), *_old(document_id, older_than))
        )

    def remove_all(self, document_id: UUID) -> bool:
        """Removes what was drawn of a document, and lets nobody keep what is being drawn; False when there was none."""
        statement = delete(_TABLE).where(self._here(_TABLE.c.organization_id), _TABLE.c.document_id == document_id)
        return bool(self._session.execute(statement.returning(_TABLE.c.page)).all())

    def has_any(self, document_id: UUID) -> bool:
        statement = self._select(func.count()).where(col(Rendering.document_id) == document_id)
        return bool(self._session.execute(statement).scalar_one())


def _one(document_id: UUID, page: int, kind: str) -> tuple[Any, ...]:
    return col(Rendering.document_id) == document_id, col(Rendering.page) == page, col(Rendering.kind) == kind


def _old(document_id: UUID, older_than: timedelta) -> tuple[Any, ...]:
    is_in_lists = and_(col(Rendering.kind) == RenderingKind.THUMBNAIL, col(Rendering.page) == 1)
    is_old = col(Rendering.created_at) < func.now() - older_than
    return col(Rendering.document_id) == document_id, is_old, ~is_in_lists


def _claimed(document_id: UUID, token: UUID) -> tuple[Any, Any]:
    return col(Rendering.document_id) == document_id, col(Rendering.lease_token) == token
