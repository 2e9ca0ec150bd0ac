"""Time: always aware, always UTC."""

from datetime import UTC, date, datetime


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def month_of(moment: datetime) -> date:
    """First day of the UTC month that `moment` lies in: the period of monthly meters."""
    return moment.astimezone(UTC).date().replace(day=1)
