from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, or_
from sqlmodel import col

from clasio_backend.core.clock import now
from clasio_backend.core.repository import ScopedRepository
from clasio_backend.models import Document, Export
from clasio_backend.models.documents import Scan
from clasio_backend.models.exports import ExportKind, ExportState


class ToScan(NamedTuple):
    document_id: UUID
    sha256: str
    mime_type: str


class ScanRepository(ScopedRepository[Document]):
    """Documents that are open without a verdict of the present scanner; also in the trash, for they can come back."""

    model = Document
    what = "document"
    document_column = "id"

    def list_to_scan(self, engine: str | None, *, after: UUID | None, limit: int) -> list[ToScan]:
        """By id. With `engine` also those that another engine or database found clean."""
        statement = self._select(Document.id, Document.sha256, Document.mime_type).where(_to_scan(engine))
        if after is not None:
            statement = statement.where(col(Document.id) > after)
        return [ToScan(*row) for row in self._session.execute(statement.order_by(col(Document.id)).limit(limit))]

    def count_to_scan(self, engine: str | None, *, after: UUID | None) -> int:
        statement = self._select(func.count()).where(_to_scan(engine))
        if after is not None:
            statement = statement.where(col(Document.id) > after)
        return int(self._session.execute(statement).scalar_one())


def _to_scan(engine: str | None) -> Any:
    not_scanned = col(Document.scan) == Scan.NOT_SCANNED
    if engine is None:
        return not_scanned
    by_another = and_(col(Document.scan) == Scan.CLEAN, col(Document.scan_engine).is_distinct_from(engine))
    return or_(not_scanned, by_another)


class HoldingExportRepository(ScopedRepository[Export]):
    """Exports, as far as a document that goes into quarantine is in them."""

    model = Export
    what = "export"

    def withdraw(self, document: Document, *, reason: str, kept_for: timedelta) -> list[tuple[UUID, UUID | None]]:
        """Closes those that hold the document's bytes, made or being made; returns their ids and their jobs'."""
        theirs = and_(col(Export.kind) == ExportKind.PERSON, col(Export.requested_by) == document.uploaded_by)
        later = or_(col(Export.finished_at).is_(None), col(Export.finished_at) >= document.created_at)
        statement = (
            self._update()
            .where(
                col(Export.state).in_([ExportState.RUNNING, ExportState.READY]),
                or_(col(Export.kind) == ExportKind.ORGANIZATION, theirs),
                later,
            )
            .values(state=ExportState.FAILED, error=reason, finished_at=now(), expires_at=now() + kept_for)
            .returning(col(Export.id), col(Export.job_id))
        )
        return [(row[0], row[1]) for row in self._session.execute(statement)]
