from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import UTC_TIME, created_field, id_field, time_field


class Identity(SQLModel, table=True):
    """An account elsewhere that signs a person in. The provider's own name for it is `subject`, which never changes;
    `email` is only what people know it by.
    """

    __tablename__ = "identities"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE", name="fk_identities_user"),
        UniqueConstraint("issuer", "subject", name="uq_identities_subject"),
        Index("ix_identities_user", "user_id"),
    )

    id: UUID = id_field()
    user_id: UUID
    issuer: str = Field(max_length=500)
    subject: str = Field(max_length=255)
    email: str | None = Field(default=None, max_length=320)
    created_at: datetime = created_field()
    last_used_at: datetime | None = time_field()


class SpentState(SQLModel, table=True):
    """The hash of a `state` that has come back from a provider: it comes back once. Only the gateway writes here."""

    __tablename__ = "spent_states"
    __table_args__ = (Index("ix_spent_states_expires_at", "expires_at"),)

    state_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    expires_at: datetime = Field(sa_type=UTC_TIME)
