from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import (
    created_field,
    id_field,
    organization_field,
    organization_key,
    tenant_key,
    time_field,
)


class Category(SQLModel, table=True):
    """One entry of the organization's own list; archived ones stay on old documents and are not offered.

    Documents of one with `never_send` are analysed on this machine only. One with `merged_into_id` is on its way out:
    a job gives its documents the other category and then removes it.
    """

    __tablename__ = "categories"
    __table_args__ = (
        organization_key("categories"),
        tenant_key("categories", "merged_into_id", "categories"),
        Index("uq_categories_name", "organization_id", text("lower(name)"), unique=True),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    name: str = Field(max_length=100)
    position: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    created_at: datetime = created_field()
    archived_at: datetime | None = time_field()
    never_send: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    merged_into_id: UUID | None = Field(default=None)
