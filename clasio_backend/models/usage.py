from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, text
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


class UsageNotice(SQLModel, table=True):
    """Owners were told that `threshold` percent of a limit are used. One row for each, so nobody is told twice."""

    __tablename__ = "usage_notices"
    __table_args__ = (
        organization_key("usage_notices"),
        CheckConstraint("threshold BETWEEN 1 AND 100", name="ck_usage_notices_threshold"),
    )

    organization_id: UUID = organization_field()
    meter: str = Field(primary_key=True, max_length=40)
    period: date = Field(primary_key=True)
    threshold: int = Field(primary_key=True, sa_type=SmallInteger)
    told_at: datetime = created_field()


class UsageReservation(SQLModel, table=True):
    """An amount held before a call whose cost is known only after it; settled or released exactly once."""

    __tablename__ = "usage_reservations"
    __table_args__ = (
        organization_key("usage_reservations"),
        Index("ix_usage_reservations_open", "expires_at", postgresql_where=text("settled_at IS NULL")),
        Index("ix_usage_reservations_closed", "settled_at", postgresql_where=text("settled_at IS NOT NULL")),
        Index("ix_usage_reservations_job", "organization_id", "job_id", postgresql_where=text("settled_at IS NULL")),
        Index("ix_usage_reservations_created", "organization_id", "created_at"),
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
