from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import (
    created_field,
    id_field,
    organization_field,
    organization_key,
    sealed_field,
)


class DataKey(SQLModel, table=True):
    """What one organization's files are encrypted with, itself sealed under SECRET_KEY.

    Without this row the files of its time cannot be read by anybody: that is how a deleted organization's are gone at
    once, also from copies of the store. Files are written with the newest key. Blobs under a key that `has_folder` lie
    in a folder of its own; those of an organization's first key do not.
    """

    __tablename__ = "data_keys"
    __table_args__ = (organization_key("data_keys"),)

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    sealed: bytes = sealed_field("data_keys")
    has_folder: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    created_at: datetime = created_field()
