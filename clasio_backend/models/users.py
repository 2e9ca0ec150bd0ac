from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import created_field, id_field, time_field


class User(SQLModel, table=True):
    """A person. Belongs to no organization by itself: memberships do that.

    `deletion_due_at` is when the account is deleted; until then the person can call it off. `deleted_at` says that it
    has begun: nobody signs in any more. When both are done the row stays, without anything that says who it was.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index("uq_users_email", text("lower(email)"), unique=True),
        Index("ix_users_deletion_due", "deletion_due_at", postgresql_where=text("deletion_due_at IS NOT NULL")),
    )

    id: UUID = id_field()
    email: str = Field(max_length=320)
    name: str = Field(max_length=200)
    password_hash: str | None = Field(default=None, max_length=500)
    is_operator: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    created_at: datetime = created_field()
    password_changed_at: datetime | None = time_field()
    email_verified_at: datetime | None = time_field()
    last_seen_at: datetime | None = time_field()
    deletion_due_at: datetime | None = time_field()
    deletion_takes_documents: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    deleted_at: datetime | None = time_field()
