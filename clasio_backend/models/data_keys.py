from datetime import datetime
from uuid import UUID

from sqlmodel import SQLModel

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
    once, also from copies of the store. Files are written with the newest key.
    """

    __tablename__ = "data_keys"
    __table_args__ = (organization_key("data_keys"),)

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    sealed: bytes = sealed_field("data_keys")
    created_at: datetime = created_field()
