from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import (
    UTC_TIME,
    created_field,
    id_field,
    organization_field,
    organization_key,
    tenant_key,
    time_field,
)


class Share(SQLModel, table=True):
    """One document, opened to whoever has the link. Only the hash of the link's token is stored.

    With `email` the link was sent to that person; without, the sharer passes it on.
    """

    __tablename__ = "shares"
    __table_args__ = (
        organization_key("shares"),
        tenant_key("shares", "document_id", "documents", ondelete="CASCADE"),
        tenant_key("shares", "created_by", "memberships", target_column="user_id"),
        UniqueConstraint("token_hash", name="uq_shares_token_hash"),
        CheckConstraint("access IN ('viewer', 'editor')", name="ck_shares_access"),
        Index("ix_shares_document", "organization_id", "document_id"),
        Index("ix_shares_live", "organization_id", "created_at", "id", postgresql_where=text("revoked_at IS NULL")),
        Index(
            "ix_shares_ending",
            "expires_at",
            postgresql_where=text("revoked_at IS NULL AND told_at IS NULL"),
        ),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    document_id: UUID
    created_by: UUID
    email: str | None = Field(default=None, max_length=320)
    access: str = Field(max_length=20)
    token_hash: bytes
    password_hash: str | None = Field(default=None, max_length=200)
    created_at: datetime = created_field()
    expires_at: datetime = Field(sa_type=UTC_TIME)
    revoked_at: datetime | None = time_field()
    told_at: datetime | None = time_field()
    open_count: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    last_opened_at: datetime | None = time_field()


class ShareOpen(SQLModel, table=True):
    """That a share was opened: when, on what sort of device, to look or to download. Nothing about who."""

    __tablename__ = "share_opens"
    __table_args__ = (
        organization_key("share_opens"),
        tenant_key("share_opens", "share_id", "shares", ondelete="CASCADE"),
        CheckConstraint("kind IN ('view', 'download')", name="ck_share_opens_kind"),
        Index("ix_share_opens_share", "organization_id", "share_id", "at"),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    share_id: UUID
    at: datetime = created_field()
    kind: str = Field(max_length=20)
    device: str = Field(max_length=20)
