from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, literal, literal_column, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.repository import ScopedRepository
from clasio_backend.documents.cursors import decode_cursor
from clasio_backend.documents.errors import DocumentNotFound
from clasio_backend.documents.file_types import FILE_TYPES
from clasio_backend.documents.schemas import DocumentFilter, DocumentQuery, Sort
from clasio_backend.documents.words import searchable
from clasio_backend.models import Blob, Category, Document, DocumentText, User
from clasio_backend.models.documents import Outcome

Listed = tuple[Document, str | None, str | None]
"""A document, its category's name and its uploader's name."""

_PROGRAM_LIMIT_EXCEEDED = "54000"
_ONLY_TEXT: Any = literal_column("'{d}'::\"char\"[]")


class DocumentRepository(ScopedRepository[Document]):
    model = Document
    what = "document"

    def get(self, row_id: UUID) -> Document:
        document = self.find(row_id)
        if document is None:
            raise DocumentNotFound
        return document

    def get_for_update(self, row_id: UUID) -> Document:
        statement = self._select().where(col(Document.id) == row_id).with_for_update()
        document: Document | None = self._session.execute(statement).scalar_one_or_none()
        if document is None:
            raise DocumentNotFound
        return document

    def get_listed(self, document_id: UUID) -> Listed:
        row = self._session.execute(self._listed().where(col(Document.id) == document_id)).one_or_none()
        if row is None:
            raise DocumentNotFound
        return (row[0], row[1], row[2])

    def list_by_ids(self, ids: Iterable[UUID]) -> dict[UUID, Listed]:
        rows = self._session.execute(self._listed().where(col(Document.id).in_(list(ids))))
        return {row[0].id: (row[0], row[1], row[2]) for row in rows}

    def list_page(self, query: DocumentQuery) -> list[Listed]:
        """One row more than asked for, so that the caller knows whether another page follows."""
        statement = self._listed().where(col(Document.deleted_at).is_(None), *self._conditions(query))
        statement = _sorted(statement, query).limit(query.limit + 1)
        return [(row[0], row[1], row[2]) for row in self._session.execute(statement)]

    def _listed(self) -> Select[Any]:
        return (
            self._select(Document, Category.name, User.name)
            .outerjoin(
                Category,
                and_(
                    col(Category.organization_id) == col(Document.organization_id),
                    col(Category.id) == col(Document.category_id),
                ),
            )
            .outerjoin(User, col(User.id) == col(Document.uploaded_by))
        )

    def _conditions(self, wanted: DocumentFilter) -> list[Any]:
        conditions: list[Any] = []
        if wanted.category:
            conditions.append(func.lower(Category.name) == wanted.category.lower())
        if wanted.type:
            conditions.append(col(Document.mime_type).in_(mime_types_called(wanted.type)))
        if wanted.stage:
            conditions.append(col(Document.stage) == wanted.stage)
        if wanted.outcome:
            conditions.append(col(Document.outcome) == wanted.outcome)
        if wanted.uploaded_by:
            conditions.append(col(Document.uploaded_by) == wanted.uploaded_by)
        if wanted.source:
            conditions.append(col(Document.source) == wanted.source)
        if wanted.created_from:
            conditions.append(col(Document.created_at) >= wanted.created_from)
        if wanted.created_to:
            conditions.append(col(Document.created_at) < wanted.created_to)
        return conditions

    def find_same_bytes(self, sha256: str) -> Document | None:
        statement = self._select().where(col(Document.sha256) == sha256, col(Document.deleted_at).is_(None))
        statement = statement.order_by(col(Document.created_at)).limit(1)
        document: Document | None = self._session.execute(statement).scalar_one_or_none()
        return document

    def lock_bytes(self, sha256: str) -> None:
        """Makes uploads of the same bytes into one organization take turns until the transaction ends."""
        key = f"{self.scope.organization_id}/{sha256}"
        self._session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))

    def add_blob(self, sha256: str, size_bytes: int) -> None:
        values = {"organization_id": self.scope.organization_id, "sha256": sha256, "size_bytes": size_bytes}
        self._session.execute(insert(Blob).values(**values).on_conflict_do_nothing())

    def touch(self, document_id: UUID, moment: datetime) -> None:
        statement = update(Document).where(
            col(Document.organization_id) == self.scope.organization_id, col(Document.id) == document_id
        )
        self._session.execute(statement.values(last_accessed_at=moment))

    def count_unsettled(self) -> dict[str, int]:
        """How many documents there are in each outcome but `done`."""
        statement = (
            self._select(Document.outcome, func.count())
            .where(col(Document.deleted_at).is_(None), col(Document.outcome) != Outcome.DONE)
            .group_by(col(Document.outcome))
        )
        return {row[0]: row[1] for row in self._session.execute(statement)}

    def count_per_day(self, since: datetime) -> list[tuple[Any, int]]:
        """(UTC day, documents that came in) since then."""
        day = func.date(func.timezone("UTC", Document.created_at))
        statement = (
            self._select(day, func.count())
            .where(col(Document.deleted_at).is_(None), col(Document.created_at) >= since)
            .group_by(day)
            .order_by(day)
        )
        return [(row[0], row[1]) for row in self._session.execute(statement)]


def mime_types_called(name: str) -> list[str]:
    """The MIME types of a type given as MIME type, extension or label."""
    wanted = name.lower().lstrip(".")
    return [
        kind.mime_type
        for kind in FILE_TYPES
        if wanted in {kind.mime_type.lower(), kind.label.lower(), *(e.lstrip(".") for e in kind.extensions)}
    ]


def _sorted(statement: Select[Any], query: DocumentQuery) -> Select[Any]:
    column, descending = {
        Sort.NEWEST: (col(Document.created_at), True),
        Sort.OLDEST: (col(Document.created_at), False),
        Sort.NAME: (func.lower(Document.name), False),
        Sort.NAME_REVERSED: (func.lower(Document.name), True),
        Sort.LARGEST: (col(Document.size_bytes), True),
        Sort.SMALLEST: (col(Document.size_bytes), False),
    }[query.sort]
    row_id = col(Document.id)
    if query.cursor:
        value, last_id = decode_cursor(query.cursor)
        key = tuple_(column, row_id)
        last = tuple_(literal(_typed(query.sort, value)), literal(last_id))
        statement = statement.where(key < last if descending else key > last)
    if descending:
        return statement.order_by(column.desc(), row_id.desc())
    return statement.order_by(column, row_id)


def _typed(sort: Sort, value: str) -> datetime | int | str:
    try:
        if sort in {Sort.NEWEST, Sort.OLDEST}:
            return datetime.fromisoformat(value)
        return _size(value) if sort in {Sort.LARGEST, Sort.SMALLEST} else value
    except ValueError as error:
        raise ValidationFailed(
            "This cursor belongs to another order. Start again without it.", {"cursor": "of another order"}
        ) from error


def _size(value: str) -> int:
    size = int(value)
    if size.bit_length() > 63:
        raise ValueError("more than Postgres can count")
    return size


class DocumentTextRepository(ScopedRepository[DocumentText]):
    """Text and search vector. Weights: A name, B values, D text."""

    model = DocumentText
    what = "text"

    def find_text(self, document_id: UUID) -> DocumentText | None:
        statement = self._select().where(col(DocumentText.document_id) == document_id)
        row: DocumentText | None = self._session.execute(statement).scalar_one_or_none()
        return row

    def add_name(self, document_id: UUID, name: str) -> None:
        """Makes the name findable before anything was read."""
        vector = _weighted(name, "A")
        values = {"organization_id": self.scope.organization_id, "document_id": document_id, "vector": vector}
        self._session.execute(insert(DocumentText).values(**values))

    def set_text(self, document_id: UUID, text: str, *, is_truncated: bool, name: str, values: Iterable[str]) -> None:
        """Stores the text and indexes it with the name and the values; too many different words are cut."""
        words = searchable(text)
        while True:
            vector = func.to_tsvector("simple", words).op("||")(_labels(name, values))
            try:
                with self._session.begin_nested():
                    self._update(document_id, text=text, is_truncated=is_truncated, vector=vector)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != _PROGRAM_LIMIT_EXCEEDED or not words:
                    raise
                words = words[: len(words) // 2].rpartition(" ")[0]
            else:
                return

    def set_labels(self, document_id: UUID, *, name: str, values: Iterable[str]) -> None:
        """Indexes a changed name or changed values. The words of the text stay: they are the only ones of weight D."""
        text_words = func.ts_filter(col(DocumentText.vector), _ONLY_TEXT)
        self._update(document_id, vector=text_words.op("||")(_labels(name, values)))

    def _update(self, document_id: UUID, **values: Any) -> None:
        statement = update(DocumentText).where(
            col(DocumentText.organization_id) == self.scope.organization_id,
            col(DocumentText.document_id) == document_id,
        )
        self._session.execute(statement.values(**values).execution_options(synchronize_session=False))


def _weighted(text: str, weight: str) -> Any:
    return func.setweight(func.to_tsvector("simple", searchable(text)), literal_column(f"'{weight}'::\"char\""))


def _labels(name: str, values: Iterable[str]) -> Any:
    return _weighted(name, "A").op("||")(_weighted(" ".join(value for value in values if value), "B"))
