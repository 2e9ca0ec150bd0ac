from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_, update
from sqlmodel import col

from clasio_backend.core.repository import ScopedRepository, table_of
from clasio_backend.models import Blob, DataKey, Export, Rendering
from clasio_backend.models.exports import ExportState

_BLOBS, _KEYS = table_of(Blob), table_of(DataKey)
Drawn = tuple[UUID, int, str, UUID]
"""Document, page, kind and file: the primary key of a rendering in its order, and where it lies."""


class RekeyRepository(ScopedRepository[DataKey]):
    """What of an organization lies under which key."""

    model = DataKey
    what = "key"

    def count_elsewhere(self, current: UUID) -> int:
        """How many blobs lie under a former key."""
        statement = select(func.count()).select_from(_BLOBS).where(*self._elsewhere(current))
        return int(self._session.execute(statement).scalar_one())

    def list_elsewhere(self, current: UUID, *, after: str, limit: int) -> list[str]:
        """SHA-256 of such blobs, in order."""
        statement = select(_BLOBS.c.sha256).where(*self._elsewhere(current), _BLOBS.c.sha256 > after)
        return list(self._session.execute(statement.order_by(_BLOBS.c.sha256).limit(limit)).scalars())

    def lock_key_of(self, sha256: str) -> UUID | None:
        """The key that a blob lies under, its row locked until the transaction ends; None when it is gone."""
        statement = select(_BLOBS.c.key_id).where(self._here(_BLOBS.c.organization_id), _BLOBS.c.sha256 == sha256)
        found: UUID | None = self._session.execute(statement.with_for_update()).scalar_one_or_none()
        return found

    def move(self, sha256: str, key_id: UUID) -> None:
        statement = update(_BLOBS).where(self._here(_BLOBS.c.organization_id), _BLOBS.c.sha256 == sha256)
        self._session.execute(statement.values(key_id=key_id))

    def count_drawn_before(self, moment: datetime) -> int:
        statement = select(func.count()).select_from(Rendering).where(*self._drawn_before(moment))
        return int(self._session.execute(statement).scalar_one())

    def list_drawn_before(self, moment: datetime, *, after: tuple[UUID, int, str] | None, limit: int) -> list[Drawn]:
        """Renderings that may lie under a former key, in order."""
        key = (col(Rendering.document_id), col(Rendering.page), col(Rendering.kind))
        statement = select(*key, col(Rendering.file_id)).where(*self._drawn_before(moment))
        if after is not None:
            statement = statement.where(tuple_(*key) > tuple_(*after))
        rows = self._session.execute(statement.order_by(*key).limit(limit))
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def lock_drawn(self, document_id: UUID, file_id: UUID) -> bool:
        """Locks a rendering's row, so that it is not removed while its file is written; False when it is gone."""
        statement = select(col(Rendering.page)).where(
            self._here(col(Rendering.organization_id)),
            col(Rendering.document_id) == document_id,
            col(Rendering.file_id) == file_id,
        )
        return self._session.execute(statement.with_for_update()).scalar_one_or_none() is not None

    def list_exports(self) -> list[tuple[UUID, UUID]]:
        """(export, file) of those that can be downloaded."""
        statement = select(col(Export.id), col(Export.file_id)).where(
            self._here(col(Export.organization_id)), col(Export.state) == ExportState.READY
        )
        return [(row[0], row[1]) for row in self._session.execute(statement.order_by(col(Export.id)))]

    def has_running_export(self) -> bool:
        statement = select(func.count()).where(
            self._here(col(Export.organization_id)), col(Export.state) == ExportState.RUNNING
        )
        return bool(self._session.execute(statement).scalar_one())

    def lock_former(self, current: UUID) -> list[UUID]:
        """Keys before the current one, locked: whoever stores under one of them waits, and then finds it gone."""
        statement = self._select(DataKey.id).where(col(DataKey.id) < current).order_by(col(DataKey.id))
        return list(self._session.execute(statement.with_for_update()).scalars())

    def destroy(self, key_ids: list[UUID]) -> None:
        self._session.execute(delete(_KEYS).where(self._here(_KEYS.c.organization_id), _KEYS.c.id.in_(key_ids)))

    def _elsewhere(self, current: UUID) -> tuple[Any, ...]:
        return self._here(_BLOBS.c.organization_id), _BLOBS.c.key_id < current

    def _drawn_before(self, moment: datetime) -> tuple[Any, ...]:
        here = self._here(col(Rendering.organization_id))
        return here, col(Rendering.file_id).is_not(None), col(Rendering.created_at) < moment
