from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import created_field, id_field, json_field, organization_field, organization_key


class Activity(SQLModel, table=True):
    """One audit entry. Append only for the application's role: its grants have neither UPDATE nor DELETE.

    `actor` is `user`, `system`, or `share` for a visitor, whose share `share_id` names.
    """

    __tablename__ = "activity"
    __table_args__ = (
        organization_key("activity"),
        Index("ix_activity_at", "organization_id", "at", "id"),
        Index("ix_activity_target", "organization_id", "target_id", "at"),
        Index("ix_activity_user", "organization_id", "user_id", "at", "id"),
        Index("ix_activity_age", "at", postgresql_using="brin"),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    at: datetime = created_field()
    actor: str = Field(max_length=20)
    user_id: UUID | None = Field(default=None)
    share_id: UUID | None = Field(default=None)
    action: str = Field(max_length=60)
    target_kind: str = Field(max_length=40)
    target_id: UUID | None = Field(default=None)
    details: dict[str, Any] = json_field("{}")
    request_id: str = Field(max_length=64)


class SecurityEvent(SQLModel, table=True):
    """Something about safety that belongs to no organization, such as a failed sign-in; shown on Ops."""

    __tablename__ = "security_events"
    __table_args__ = (Index("ix_security_events_at", "at"),)

    id: UUID = id_field()
    at: datetime = created_field()
    kind: str = Field(max_length=60)
    user_id: UUID | None = Field(default=None)
    ip_address: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": text("''")})
    details: dict[str, Any] = json_field("{}")
    request_id: str = Field(max_length=64)
