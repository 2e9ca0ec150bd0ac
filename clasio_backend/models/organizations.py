from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint, text
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


class Organization(SQLModel, table=True):
    """A tenant. `analysis_mode` says whether a fast analysis starts by itself (product.md §5); with `local_only` no
    text leaves this machine for one.

    With `requires_second_factor` nobody gets in who has not turned two-factor sign-in on.
    `max_share_days` is the longest that a share may last, set by its owners. `deletion_due_at` is when it is deleted,
    until which owners can call that off; from `deleted_at` on nobody gets in, and everything of it is removed.
    """

    __tablename__ = "organizations"
    __table_args__ = (
        CheckConstraint("plan IN ('free', 'pro', 'business')", name="ck_organizations_plan"),
        CheckConstraint("analysis_mode IN ('automatic', 'on_request', 'never')", name="ck_organizations_analysis_mode"),
        CheckConstraint("max_share_days BETWEEN 1 AND 90", name="ck_organizations_max_share_days"),
        Index("ix_organizations_deletion_due", "deletion_due_at", postgresql_where=text("deletion_due_at IS NOT NULL")),
    )

    id: UUID = id_field()
    name: str = Field(max_length=200)
    plan: str = Field(max_length=20)
    analysis_mode: str = Field(
        default="automatic", max_length=20, sa_column_kwargs={"server_default": text("'automatic'")}
    )
    local_only: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    max_share_days: int = Field(default=90, sa_type=SmallInteger, sa_column_kwargs={"server_default": text("90")})
    requires_second_factor: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = created_field()
    deletion_due_at: datetime | None = time_field()
    deleted_at: datetime | None = time_field()


class Membership(SQLModel, table=True):
    """A person in an organization; switched off by `is_active` without being lost.

    A removed one stays too (`removed_at`), never active: names in the history are read through it.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        organization_key("memberships"),
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE", name="fk_memberships_user"),
        UniqueConstraint("organization_id", "user_id", name="uq_memberships_user"),
        CheckConstraint("role IN ('owner', 'member')", name="ck_memberships_role"),
        Index("ix_memberships_user", "user_id"),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    user_id: UUID
    role: str = Field(max_length=20)
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    created_at: datetime = created_field()
    removed_at: datetime | None = time_field()


class Invite(SQLModel, table=True):
    """A place offered to an e-mail address. The link is shown and sent once; only its token's hash is stored."""

    __tablename__ = "invites"
    __table_args__ = (
        organization_key("invites"),
        tenant_key("invites", "invited_by", "memberships", target_column="user_id"),
        UniqueConstraint("token_hash", name="uq_invites_token_hash"),
        CheckConstraint("role IN ('owner', 'member')", name="ck_invites_role"),
        Index(
            "uq_invites_open",
            "organization_id",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    email: str = Field(max_length=320)
    role: str = Field(max_length=20)
    token_hash: bytes
    invited_by: UUID | None = Field(default=None)
    created_at: datetime = created_field()
    sent_at: datetime = created_field()
    expires_at: datetime = Field(sa_type=UTC_TIME)
    accepted_at: datetime | None = time_field()
    withdrawn_at: datetime | None = time_field()
