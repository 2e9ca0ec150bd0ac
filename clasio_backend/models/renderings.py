from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import created_field, organization_field, tenant_key, time_field


class RenderingKind(StrEnum):
    PAGE = "page"
    THUMBNAIL = "thumbnail"
    WORDS = "words"
    """Which words stand where on a page."""
    OUTLINE = "outline"
    """How many pages there are and how large each is; it belongs to no page and is stored as page 0."""


class Rendering(SQLModel, table=True):
    """What was drawn of a document's page, so that it is drawn once. It lies in the store under `file_id`.

    Without a `file_id` somebody is drawing it until `lease_expires_at`, or it cannot be drawn: `failure` says why.
    `version` says what it was drawn from and how; with another version it is drawn again.
    """

    __tablename__ = "renderings"
    __table_args__ = (
        tenant_key("renderings", "document_id", "documents", ondelete="CASCADE"),
        CheckConstraint("kind IN ('page', 'thumbnail', 'words', 'outline')", name="ck_renderings_kind"),
        CheckConstraint("page >= 0", name="ck_renderings_page"),
        Index("ix_renderings_created_at", "created_at", postgresql_where=text("NOT (kind = 'thumbnail' AND page = 1)")),
    )

    organization_id: UUID = organization_field()
    document_id: UUID = Field(primary_key=True)
    page: int = Field(primary_key=True)
    kind: str = Field(primary_key=True, max_length=20)
    version: str = Field(max_length=80)
    file_id: UUID | None = Field(default=None)
    failure: str | None = Field(default=None, max_length=60)
    lease_token: UUID | None = Field(default=None)
    lease_expires_at: datetime | None = time_field()
    created_at: datetime = created_field()
