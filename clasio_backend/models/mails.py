from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import (
    created_field,
    id_field,
    organization_field,
    organization_key,
    sealed_field,
    time_field,
)


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    KEPT = "kept"
    """No mail server is set: the operator reads it in the outbox."""
    FAILED = "failed"


class Mail(SQLModel, table=True):
    """One message. `sealed` is what its template is filled with, encrypted, and gone once the message is sent."""

    __tablename__ = "mails"
    __table_args__ = (
        organization_key("mails"),
        CheckConstraint("state IN ('queued', 'sent', 'kept', 'failed')", name="ck_mails_state"),
        Index("ix_mails_kept", "id", postgresql_where=text("state = 'kept'")),
        Index("ix_mails_created_at", "created_at"),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    to_address: str = Field(max_length=320)
    template: str = Field(max_length=40)
    sealed: bytes | None = sealed_field("mail", default=None, nullable=True)
    state: str = Field(max_length=20)
    created_at: datetime = created_field()
    sent_at: datetime | None = time_field()
    error: str = Field(default="", max_length=1000, sa_column_kwargs={"server_default": text("''")})
