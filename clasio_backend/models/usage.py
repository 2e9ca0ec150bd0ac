from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import (
    UTC_TIME,
    created_field,
    id_field,
    organization_field,
    organization_key,
    time_field,
)


class UsageCounter(SQLModel, table=True):
    """A metered amount in its own unit (items or bytes); `period` is the month's first day, or `GAUGE` for levels."""

    __tablename__ = "usage_counters"
    __table_args__ = (
        organization_key("usage_counters"),
        CheckConstraint("used >= 0 AND reserved >= 0", name="ck_usage_counters_positive"),
    )

    organization_id: UUID = organization_field()
    meter: str = Field(primary_key=True, max_length=40)
    period: date = Field(primary_key=True)
    used: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    reserved: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})


class UsageReservation(SQLModel, table=True):
    """An amount held before a call whose cost is known only after it; settled or released exactly once."""

    __tablename__ = "usage_reservations"
    __table_args__ = (
        organization_key("usage_reservations"),
        Index("ix_usage_reservations_open", "expires_at", postgresql_where=text("settled_at IS NULL")),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    meter: str = Field(max_length=40)
    period: date
    amount: int = Field(sa_type=BigInteger)
    job_id: UUID | None = Field(default=None)
    created_at: datetime = created_field()
    expires_at: datetime = Field(sa_type=UTC_TIME)
    settled_at: datetime | None = time_field()
