from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import (
    created_field,
    id_field,
    json_field,
    organization_field,
    organization_key,
    tenant_key,
    time_field,
)


class Stage(StrEnum):
    """The furthest a document came (product.md §4), in order."""

    RECEIVED = "received"
    SCANNED = "scanned"
    READ = "read"
    SEARCHABLE = "searchable"
    ANALYSED = "analysed"


class Scan(StrEnum):
    """The virus scanner's word on a document's bytes. `blocked` could not be looked at as a whole."""

    PENDING = "pending"
    NOT_SCANNED = "not_scanned"
    CLEAN = "clean"
    INFECTED = "infected"
    BLOCKED = "blocked"
    RELEASED = "released"


class Outcome(StrEnum):
    PENDING = "pending"
    DONE = "done"
    INFECTED = "infected"
    UNREADABLE = "unreadable"
    SKIPPED = "skipped"
    FAILED = "failed"


def _one_of(values: type[StrEnum]) -> str:
    return ", ".join(f"'{value}'" for value in values)


NOT_TRASHED = sql("deleted_at IS NULL")
TRASHED = sql("deleted_at IS NOT NULL")


class Document(SQLModel, table=True):
    """One document: its bytes are the blob `sha256`, its text is in `DocumentText`.

    The values that an analysis or a person set (category, type, dates …) stand here as they are in force;
    `value_sources` maps each set field to `local`, `gemini` or `human`. A human's value is never overwritten by AI.
    `earlier_values` keeps what stood there before, so that it can be taken back. `analysis_note` says why the last
    analysis was not what was asked for; one that is marked `never_send` is analysed on this machine only.
    `token_id` is the API token that brought it; the token itself may be gone since, so no key leads there.
    `scan_signature` is what the scanner found, `scan_engine` its version and its database's; `release_reason` is why an
    owner let the document go all the same.
    """

    __tablename__ = "documents"
    __table_args__ = (
        organization_key("documents"),
        tenant_key("documents", "sha256", "blobs", target_column="sha256"),
        tenant_key("documents", "category_id", "categories"),
        ForeignKeyConstraint(["uploaded_by"], ["users.id"], name="fk_documents_uploaded_by"),
        ForeignKeyConstraint(["deleted_by"], ["users.id"], name="fk_documents_deleted_by"),
        CheckConstraint(f"stage IN ({_one_of(Stage)})", name="ck_documents_stage"),
        CheckConstraint(f"outcome IN ({_one_of(Outcome)})", name="ck_documents_outcome"),
        Index(
            "ix_documents_created",
            "organization_id",
            "created_at",
            "id",
            postgresql_include=["uploaded_by", "size_bytes"],
            postgresql_where=NOT_TRASHED,
        ),
        Index("ix_documents_name", "organization_id", sql("lower(name)"), "id", postgresql_where=NOT_TRASHED),
        Index("ix_documents_size", "organization_id", "size_bytes", "id", postgresql_where=NOT_TRASHED),
        Index(
            "ix_documents_category",
            "organization_id",
            "category_id",
            "created_at",
            "id",
            postgresql_where=NOT_TRASHED,
        ),
        Index(
            "ix_documents_unsettled",
            "organization_id",
            "outcome",
            "created_at",
            postgresql_where=sql("deleted_at IS NULL AND outcome <> 'done'"),
        ),
        Index(
            "ix_documents_quarantine",
            "organization_id",
            "scanned_at",
            "id",
            postgresql_where=sql("deleted_at IS NULL AND outcome = 'infected'"),
        ),
        Index(
            "ix_documents_unscanned",
            "created_at",
            postgresql_where=sql("deleted_at IS NULL AND scan = 'pending'"),
        ),
        Index("ix_documents_not_scanned", "organization_id", "id", postgresql_where=sql("scan = 'not_scanned'")),
        Index("ix_documents_trash", "organization_id", "deleted_at", "id", postgresql_where=TRASHED),
        Index("ix_documents_purge", "deleted_at", postgresql_where=TRASHED),
        Index("ix_documents_sha256", "organization_id", "sha256"),
        Index(
            "ix_documents_name_trigrams",
            "organization_id",
            "name",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops"},
            postgresql_where=NOT_TRASHED,
        ),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    name: str = Field(max_length=255)
    mime_type: str = Field(max_length=100)
    size_bytes: int = Field(sa_type=BigInteger)
    sha256: str = Field(max_length=64)
    source: str = Field(max_length=20)
    uploaded_by: UUID | None = Field(default=None)
    token_id: UUID | None = Field(default=None)
    stage: str = Field(default=Stage.RECEIVED, max_length=20)
    outcome: str = Field(default=Outcome.PENDING, max_length=20)
    error_code: str | None = Field(default=None, max_length=60)
    error_message: str | None = Field(default=None, max_length=500)
    scan: str = Field(default=Scan.PENDING, max_length=20)
    scan_signature: str | None = Field(default=None, max_length=200)
    scan_engine: str | None = Field(default=None, max_length=200)
    release_reason: str | None = Field(default=None, max_length=500)
    ocr: str = Field(default="none", max_length=20)
    page_count: int | None = Field(default=None)
    category_id: UUID | None = Field(default=None)
    document_type: str | None = Field(default=None, max_length=100)
    summary: str | None = Field(default=None, max_length=600)
    language: str | None = Field(default=None, max_length=8)
    issued_on: date | None = Field(default=None)
    due_on: date | None = Field(default=None)
    expires_on: date | None = Field(default=None)
    amounts: list[dict[str, Any]] = json_field("[]")
    parties: list[str] = json_field("[]")
    value_sources: dict[str, str] = json_field("{}")
    earlier_values: dict[str, list[dict[str, Any]]] = json_field("{}")
    analysis_source: str | None = Field(default=None, max_length=20)
    analysis_note: str | None = Field(default=None, max_length=500)
    never_send: bool = Field(default=False, sa_column_kwargs={"server_default": sql("false")})
    created_at: datetime = created_field()
    updated_at: datetime = created_field()
    scanned_at: datetime | None = time_field()
    read_at: datetime | None = time_field()
    searchable_at: datetime | None = time_field()
    analysed_at: datetime | None = time_field()
    last_accessed_at: datetime | None = time_field()
    deleted_at: datetime | None = time_field()
    deleted_by: UUID | None = Field(default=None)


class DocumentText(SQLModel, table=True):
    """What is found: the text that was read, and the search vector over name, text and values.

    It is a table of its own so that a change of a document's stage never rewrites its entries in the search index,
    and in partitions so that an organization's search reads the index of few others.
    """

    __tablename__ = "document_texts"
    __table_args__ = (
        tenant_key("document_texts", "document_id", "documents", ondelete="CASCADE"),
        Index("ix_document_texts_vector", "organization_id", "vector", postgresql_using="gin"),
        {"postgresql_partition_by": "HASH (organization_id)"},
    )

    organization_id: UUID = organization_field()
    document_id: UUID = Field(primary_key=True)
    text: str = Field(default="", sa_column_kwargs={"server_default": sql("''")})
    is_truncated: bool = Field(default=False, sa_column_kwargs={"server_default": sql("false")})
    vector: str | None = Field(default=None, sa_type=TSVECTOR)
