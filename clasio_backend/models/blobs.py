from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import created_field, organization_field, organization_key


class Blob(SQLModel, table=True):
    """Stored bytes of one organization, by SHA-256 of what was received; two organizations never share any.

    `format` and `key_id` say how they are encrypted (see integrations/storage/sealing.py), and so where they lie.
    """

    __tablename__ = "blobs"
    __table_args__ = (
        organization_key("blobs"),
        CheckConstraint("size_bytes >= 0", name="ck_blobs_size"),
        CheckConstraint("length(sha256) = 64", name="ck_blobs_sha256"),
    )

    organization_id: UUID = organization_field()
    sha256: str = Field(primary_key=True, max_length=64)
    size_bytes: int = Field(sa_type=BigInteger)
    format: str = Field(max_length=20)
    key_id: UUID
    created_at: datetime = created_field()
