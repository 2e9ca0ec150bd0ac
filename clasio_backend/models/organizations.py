from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import (
    created_field,
    id_field,
    organization_field,
    organization_key,
    time_field,
)


class Organization(SQLModel, table=True):
    """A tenant. `analysis_mode` says whether a fast analysis starts by itself (product.md §5)."""

    __tablename__ = "organizations"
    __table_args__ = (
        CheckConstraint("plan IN ('free', 'pro', 'business')", name="ck_organizations_plan"),
        CheckConstraint("analysis_mode IN ('automatic', 'on_request', 'never')", name="ck_organizations_analysis_mode"),
    )

    id: UUID = id_field()
    name: str = Field(max_length=200)
    plan: str = Field(max_length=20)
    analysis_mode: str = Field(
        default="automatic", max_length=20, sa_column_kwargs={"server_default": text("'automatic'")}
    )
    created_at: datetime = created_field()
    deleted_at: datetime | None = time_field()


class Membership(SQLModel, table=True):
    """A person in an organization; switched off by `is_active` without being lost."""

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
