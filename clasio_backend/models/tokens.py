from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import UTC_TIME, created_field, id_field, organization_field, tenant_key, time_field


class UserSession(SQLModel, table=True):
    """A signed-in browser. Only the hash of its cookie is stored; `organization_id` is the one it looks at.

    `provider` names the one that it was signed in through; empty when it was a password or a link.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE", name="fk_sessions_user"),
        UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
        Index("ix_sessions_user", "user_id"),
        Index("ix_sessions_expires_at", "expires_at"),
    )

    id: UUID = id_field()
    token_hash: bytes
    user_id: UUID
    organization_id: UUID | None = Field(default=None)
    created_at: datetime = created_field()
    last_used_at: datetime = created_field()
    expires_at: datetime = Field(sa_type=UTC_TIME)
    user_agent: str = Field(default="", max_length=400, sa_column_kwargs={"server_default": text("''")})
    ip_address: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": text("''")})
    provider: str = Field(default="", max_length=20, sa_column_kwargs={"server_default": text("''")})


class ApiToken(SQLModel, table=True):
    """A member's token for the API: shown once, stored as a hash; it can do what the member can, here only, or of that
    the part that `scope` names. `told_at` is when its owner was told that it ends.
    """

    __tablename__ = "api_tokens"
    __table_args__ = (
        tenant_key("api_tokens", "user_id", "memberships", target_column="user_id", ondelete="CASCADE"),
        UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
        CheckConstraint("scope IN ('everything', 'read', 'add')", name="ck_api_tokens_scope"),
        Index("ix_api_tokens_ending", "expires_at", postgresql_where=text("revoked_at IS NULL AND told_at IS NULL")),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    user_id: UUID
    name: str = Field(max_length=100)
    token_hash: bytes
    hint: str = Field(max_length=12)
    scope: str = Field(default="everything", max_length=20, sa_column_kwargs={"server_default": text("'everything'")})
    created_at: datetime = created_field()
    last_used_at: datetime | None = time_field()
    expires_at: datetime | None = time_field()
    told_at: datetime | None = time_field()
    revoked_at: datetime | None = time_field()


class OperatorToken(SQLModel, table=True):
    """A token for the Ops API alone: no person, no organization. The application writes it and reads it by gateway."""

    __tablename__ = "operator_tokens"
    __table_args__ = (UniqueConstraint("token_hash", name="uq_operator_tokens_token_hash"),)

    id: UUID = id_field()
    token_hash: bytes
    hint: str = Field(max_length=12)
    created_at: datetime = created_field()
    last_used_at: datetime | None = time_field()
    revoked_at: datetime | None = time_field()


class OneTimeLink(SQLModel, table=True):
    """A link that works once: the first set-up, the first sign-in of a person made on the command line, a forgotten
    password, or an address to confirm. `email` is where the last two were sent.
    """

    __tablename__ = "one_time_links"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE", name="fk_one_time_links_user"),
        UniqueConstraint("token_hash", name="uq_one_time_links_token_hash"),
        Index("ix_one_time_links_user", "user_id"),
        CheckConstraint(
            "purpose IN ('setup', 'set_password', 'reset_password', 'confirm_email')", name="ck_one_time_links_purpose"
        ),
    )

    id: UUID = id_field()
    token_hash: bytes
    purpose: str = Field(max_length=20)
    user_id: UUID | None = Field(default=None)
    email: str | None = Field(default=None, max_length=320)
    created_at: datetime = created_field()
    expires_at: datetime = Field(sa_type=UTC_TIME)
    used_at: datetime | None = time_field()
