from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import created_field, id_field, json_field, organization_field, tenant_key


class Analysis(SQLModel, table=True):
    """One AI result, kept whole. `(content, mode, model, prompt)` is the key of the organization's own cache.

    `requested_by` is who asked for it, or whose upload brought it about.
    """

    __tablename__ = "analyses"
    __table_args__ = (
        tenant_key("analyses", "document_id", "documents", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "job_id", name="uq_analyses_job"),
        CheckConstraint("mode IN ('fast', 'thorough')", name="ck_analyses_mode"),
        Index("ix_analyses_document", "organization_id", "document_id", "created_at"),
        Index(
            "ix_analyses_created",
            "organization_id",
            "created_at",
            postgresql_include=["mode", "source", "requested_by"],
        ),
        Index("ix_analyses_cache", "organization_id", "content_sha256", "mode", "model", "prompt_version"),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    document_id: UUID
    job_id: UUID | None = Field(default=None)
    mode: str = Field(max_length=20)
    source: str = Field(max_length=20)
    model: str = Field(max_length=100)
    prompt_version: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": text("''")})
    content_sha256: str = Field(max_length=64)
    result: dict[str, Any] = json_field("{}")
    tokens_in: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    tokens_out: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    requested_by: UUID | None = Field(default=None)
    created_at: datetime = created_field()
