from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, and_, bindparam, delete, func, literal, literal_column, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import defer
from sqlmodel import col

from clasio_backend.core.cursors import decode_cursor
from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.repository import ScopedRepository, table_of
from clasio_backend.documents.errors import DocumentNotFound
from clasio_backend.documents.file_types import FILE_TYPES
from clasio_backend.documents.opening import open_documents
from clasio_backend.documents.schemas import ArchiveQuery, DocumentFilter, DocumentQuery, Sort
from clasio_backend.documents.words import searchable
from clasio_backend.integrations.storage import FORMAT
from clasio_backend.models import Blob, Category, Document, DocumentText, User
from clasio_backend.models.documents import Outcome

Listed = tuple[Document, str | None, str | None]
"""A document, its category's name and its uploader's name."""

_PROGRAM_LIMIT_EXCEEDED = "54000"
_QUARANTINED = (col(Document.deleted_at).is_(None), col(Document.outcome) == Outcome.INFECTED)
_ADD_BLOB: Any = insert(table_of(Blob)).on_conflict_do_nothing().returning(literal_column("1"))


class DocumentRepository(ScopedRepository[Document]):
    model = Document
    what = "document"
    document_column = "id"

    def get(self, row_id: UUID) -> Document:
        document = self.find(row_id)
        if document is None:
            raise DocumentNotFound
        return document

    def get_for_update(self, row_id: UUID) -> Document:
        document = self.find_for_update(row_id)
        if document is None:
            raise DocumentNotFound
        return document

    def find_for_update(self, row_id: UUID) -> Document | None:
        statement = self._select().where(col(Document.id) == row_id).with_for_update()
        document: Document | None = self._session.execute(statement).scalar_one_or_none()
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

    def list_trashed(
        self, *, limit: int, before: tuple[datetime, UUID] | None = None
    ) -> list[tuple[Listed, str | None]]:
        """What is in the trash, with who put it there, the latest first."""
        remover = table_of(User).alias("remover")
        statement = (
            self._listed()
            .add_columns(remover.c.name)
            .outerjoin(remover, remover.c.id == col(Document.deleted_by))
            .where(col(Document.deleted_at).is_not(None))
            .order_by(col(Document.deleted_at).desc(), col(Document.id).desc())
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(tuple_(col(Document.deleted_at), col(Document.id)) < tuple_(*before))
        return [((row[0], row[1], row[2]), row[3]) for row in self._session.execute(statement)]

    def list_quarantined(self, *, limit: int, before: tuple[datetime, UUID] | None = None) -> list[Listed]:
        """What the scanner caught, the latest first."""
        statement = (
            self._listed()
            .where(*_QUARANTINED)
            .order_by(col(Document.scanned_at).desc(), col(Document.id).desc())
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(tuple_(col(Document.scanned_at), col(Document.id)) < tuple_(*before))
        return [(row[0], row[1], row[2]) for row in self._session.execute(statement)]

    def caught_since(self, moment: datetime) -> int:
        statement = self._select(func.count()).where(*_QUARANTINED, col(Document.scanned_at) >= moment)
        return int(self._session.execute(statement).scalar_one())

    def list_for_archive(self, query: ArchiveQuery, *, limit: int) -> list[tuple[UUID, str, str, int]]:
        """(id, name, sha256, size in bytes) of what may be downloaded, the newest first."""
        statement = (
            self._select(Document.id, Document.name, Document.sha256, Document.size_bytes)
            .outerjoin(
                Category,
                and_(
                    col(Category.organization_id) == col(Document.organization_id),
                    col(Category.id) == col(Document.category_id),
                ),
            )
            .where(
                col(Document.deleted_at).is_(None),
                open_documents(),
                *self._conditions(query),
            )
            .order_by(col(Document.created_at).desc(), col(Document.id).desc())
            .limit(limit)
        )
        if query.ids:
            statement = statement.where(col(Document.id).in_(query.ids))
        return [(row[0], row[1], row[2], row[3]) for row in self._session.execute(statement)]

    def lock_of_category(self, category_id: UUID, *, after: UUID | None, limit: int) -> list[Document]:
        """Documents of a category by id, trashed ones too, locked until the transaction ends."""
        statement = self._select().where(col(Document.category_id) == category_id)
        if after is not None:
            statement = statement.where(col(Document.id) > after)
        statement = statement.order_by(col(Document.id)).limit(limit).with_for_update(key_share=True)
        return list(self._session.execute(statement).scalars())

    def move_to_category(self, ids: Iterable[UUID], *, category: UUID, never_send: bool) -> None:
        """Gives them another category; with `never_send` they are marked so themselves."""
        statement = self._update().where(col(Document.id).in_(list(ids)))
        mark = {"never_send": True} if never_send else {}
        self._session.execute(statement.values(category_id=category, **mark))

    def touch_all(self, ids: Iterable[UUID], moment: datetime) -> None:
        statement = self._update().where(col(Document.id).in_(list(ids)))
        self._session.execute(statement.values(last_accessed_at=moment))

    def count_trashed(self) -> int:
        statement = self._select(func.count()).where(col(Document.deleted_at).is_not(None))
        return int(self._session.execute(statement).scalar_one())

    def trashed_before(self, moment: datetime, *, limit: int) -> list[UUID]:
        """Ids of what went into the trash before then, the oldest first."""
        statement = self._select(Document.id).where(col(Document.deleted_at) < moment)
        statement = statement.order_by(col(Document.deleted_at), col(Document.id)).limit(limit)
        return list(self._session.execute(statement).scalars())

    def delete(self, document: Document) -> None:
        self._session.delete(document)
        self._session.flush()

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
        if wanted.category:  # what is closed does not show it either
            conditions += [func.lower(Category.name) == wanted.category.lower(), open_documents()]
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

    def add_blob(self, sha256: str, size_bytes: int, *, key_id: UUID) -> bool:
        """Whether these bytes are new here; `key_id` is the key that the store encrypted them with, which is held."""
        values = {
            "organization_id": self.scope.organization_id,
            "sha256": sha256,
            "size_bytes": size_bytes,
            "format": FORMAT,
            "key_id": key_id,
        }
        return self._session.execute(_ADD_BLOB, values).scalar_one_or_none() is not None

    def has_blob(self, sha256: str) -> bool:
        statement = select(func.count()).select_from(Blob).where(*self._blob(sha256))
        return bool(self._session.execute(statement).scalar_one())

    def find_key_of_blob(self, sha256: str) -> UUID | None:
        found: UUID | None = self._session.execute(
            select(col(Blob.key_id)).where(*self._blob(sha256))
        ).scalar_one_or_none()
        return found

    def delete_unused_blob(self, sha256: str) -> bool:
        """Removes the row of bytes that no document uses; False while one does. The caller holds `lock_bytes`."""
        is_used = self._select(Document.id).where(col(Document.sha256) == sha256).exists()
        statement = delete(Blob).where(*self._blob(sha256), ~is_used).returning(col(Blob.sha256))
        return self._session.execute(statement).scalar_one_or_none() is not None

    def _blob(self, sha256: str) -> tuple[Any, Any]:
        return self._here(col(Blob.organization_id)), col(Blob.sha256) == sha256

    def touch(self, document_id: UUID, moment: datetime) -> None:
        statement = self._update().where(col(Document.id) == document_id)
        self._session.execute(statement.values(last_accessed_at=moment))

    def count_unsettled(self) -> dict[str, int]:
        """How many documents there are in each outcome but `done`."""
        statement = (
            self._select(Document.outcome, func.count())
            .where(col(Document.deleted_at).is_(None), col(Document.outcome) != Outcome.DONE)
            .group_by(col(Document.outcome))
        )
        return {row[0]: row[1] for row in self._session.execute(statement)}


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


def _weighted(words: str, weight: str) -> Any:
    vector = func.to_tsvector("simple", bindparam(words, type_=Text))
    return func.setweight(vector, literal_column(f"'{weight}'::\"char\""))


# Built once: each document is written by these, and building them costs more than sending them.
_TEXTS = table_of(DocumentText)
_LABELS = _weighted("name_words", "A").op("||")(_weighted("value_words", "B"))
_ONE_TEXT = update(_TEXTS).where(_TEXTS.c.document_id == bindparam("of_document"))
_ADD_NAME = insert(_TEXTS).values(
    organization_id=bindparam("in_organization"),
    document_id=bindparam("of_document"),
    vector=_weighted("name_words", "A"),
)
_SET_TEXT = _ONE_TEXT.values(
    text=bindparam("new_text"),
    is_truncated=bindparam("cut"),
    vector=func.to_tsvector("simple", bindparam("text_words", type_=Text)).op("||")(_LABELS),
)
_INDEX_KEPT = _ONE_TEXT.values(
    vector=func.to_tsvector("simple", bindparam("text_words", type_=Text)).op("||")(_TEXTS.c.vector)
)
_SET_LABELS = _ONE_TEXT.values(
    vector=func.ts_filter(_TEXTS.c.vector, literal_column("'{d}'::\"char\"[]")).op("||")(_LABELS)
)
_SURELY_FITS = 100_000
"""Characters of words that never pass Postgres's 1 MB for one search vector, however different the words are."""


class DocumentTextRepository(ScopedRepository[DocumentText]):
    """Text and search vector. Weights: A name, B values, D text."""

    model = DocumentText
    what = "text"
    document_column = "document_id"

    def find_text(self, document_id: UUID) -> DocumentText | None:
        without_vector = defer(self._column("vector"), raiseload=True)
        statement = self._select().where(col(DocumentText.document_id) == document_id).options(without_vector)
        row: DocumentText | None = self._session.execute(statement).scalar_one_or_none()
        return row

    def add_name(self, document_id: UUID, name: str) -> None:
        """Makes the name findable before anything was read."""
        values = {"in_organization": self.scope.organization_id, "of_document": document_id}
        self._session.execute(_ADD_NAME, values | {"name_words": searchable(name)})

    def set_text(self, document_id: UUID, text: str, *, is_truncated: bool, name: str, values: Iterable[str]) -> None:
        """Stores the text and indexes it with the name and the values; too many different words are cut."""
        set_text = _SET_TEXT.where(self._here(_TEXTS.c.organization_id))
        wanted = {"of_document": document_id, "new_text": text, "cut": is_truncated} | _label_words(name, values)
        self._with_words(set_text, wanted, searchable(text))

    def _with_words(self, statement: Any, wanted: dict[str, Any], words: str) -> None:
        """As many of the text's words as Postgres takes."""
        while len(words) > _SURELY_FITS:
            try:
                with self._session.begin_nested():
                    self._session.execute(statement, wanted | {"text_words": words})
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != _PROGRAM_LIMIT_EXCEEDED:
                    raise
                words = words[: len(words) // 2].rpartition(" ")[0]
            else:
                return
        self._session.execute(statement, wanted | {"text_words": words})

    def keep_text(self, document_id: UUID, text: str, *, is_truncated: bool) -> None:
        """Stores a text that nobody may find yet: its document waits for the virus scanner."""
        keep = _ONE_TEXT.where(self._here(_TEXTS.c.organization_id)).values(text=text, is_truncated=is_truncated)
        self._session.execute(keep, {"of_document": document_id})

    def forget(self, document_id: UUID, *, name: str) -> None:
        """Removes a text and its words; the document is found by its name alone, as before anything was read."""
        self.set_text(document_id, "", is_truncated=False, name=name, values=[])

    def index_kept(self, document_id: UUID) -> None:
        """Makes a text findable that was only kept; the words of name and values stay."""
        kept = self.find_text(document_id)
        if kept is not None:
            index = _INDEX_KEPT.where(self._here(_TEXTS.c.organization_id))
            self._with_words(index, {"of_document": document_id}, searchable(kept.text))

    def set_labels(self, document_id: UUID, *, name: str, values: Iterable[str]) -> None:
        """Indexes a changed name or changed values. The words of the text stay: they are the only ones of weight D."""
        set_labels = _SET_LABELS.where(self._here(_TEXTS.c.organization_id))
        self._session.execute(set_labels, {"of_document": document_id} | _label_words(name, values))

    def set_many_labels(self, rows: Iterable[tuple[UUID, str, Iterable[str]]]) -> None:
        """The same for many (document, name, values), in one go."""
        set_labels = _SET_LABELS.where(self._here(_TEXTS.c.organization_id))
        labels = [{"of_document": document_id} | _label_words(name, values) for document_id, name, values in rows]
        self._session.execute(set_labels, labels)


def _label_words(name: str, values: Iterable[str]) -> dict[str, Any]:
    return {
        "name_words": searchable(name),
        "value_words": searchable(" ".join(value for value in values if value)),
    }
