from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import created_field, id_field, organization_field, organization_key, time_field


class Category(SQLModel, table=True):
    """One entry of the organization's own list; archived ones stay on old documents and are not offered."""

    __tablename__ = "categories"
    __table_args__ = (
        organization_key("categories"),
        Index("uq_categories_name", "organization_id", text("lower(name)"), unique=True),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    name: str = Field(max_length=100)
    position: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    created_at: datetime = created_field()
    archived_at: datetime | None = time_field()
