from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import UTC_TIME, created_field, id_field, sealed_field, time_field


class SecondFactor(SQLModel, table=True):
    """What a person's authenticator app and Clasio both know. Nothing is asked for before `confirmed_at` is set.

    `last_step` is the latest half minute whose code was taken: that code, and any before it, works no more.
    """

    __tablename__ = "second_factors"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE", name="fk_second_factors_user"),
        UniqueConstraint("user_id", name="uq_second_factors_user"),
    )

    id: UUID = id_field()
    user_id: UUID
    sealed: bytes = sealed_field("second_factors")
    created_at: datetime = created_field()
    confirmed_at: datetime | None = time_field()
    last_step: int | None = Field(default=None, sa_type=BigInteger)


class RecoveryCode(SQLModel, table=True):
    """Works once in place of the app's code. Only a hash is stored: of 120 random bits, so a fast one will do."""

    __tablename__ = "recovery_codes"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE", name="fk_recovery_codes_user"),
        UniqueConstraint("user_id", "code_hash", name="uq_recovery_codes_code_hash"),
    )

    id: UUID = id_field()
    user_id: UUID
    code_hash: bytes
    created_at: datetime = created_field()
    used_at: datetime | None = time_field()


class PendingSignIn(SQLModel, table=True):
    """Somebody who gave the right password and has not typed the code yet; a cookie of its own, of which this is the
    hash. `lands_in` is the organization that the session will look at, `provider` as in the session.
    """

    __tablename__ = "pending_sign_ins"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE", name="fk_pending_sign_ins_user"),
        UniqueConstraint("token_hash", name="uq_pending_sign_ins_token_hash"),
        Index("ix_pending_sign_ins_user", "user_id"),
        Index("ix_pending_sign_ins_expires_at", "expires_at"),
    )

    id: UUID = id_field()
    token_hash: bytes
    user_id: UUID
    lands_in: UUID | None = Field(default=None)
    provider: str = Field(default="", max_length=20, sa_column_kwargs={"server_default": text("''")})
    created_at: datetime = created_field()
    expires_at: datetime = Field(sa_type=UTC_TIME)
