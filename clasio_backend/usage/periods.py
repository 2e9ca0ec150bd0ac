"""The clock of the meters: months and days are those of UTC."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from clasio_backend.core.clock import month_of, now
from clasio_backend.usage.plans import GAUGE, MONTHLY, Meter


def period_of(meter: Meter) -> date:
    """The period that counts now: this month, or `GAUGE` for levels."""
    return this_month() if meter in MONTHLY else GAUGE


def periods_now() -> set[date]:
    """Every period that counts now."""
    return {GAUGE, this_month()}


def this_month() -> date:
    """The first day of this month."""
    return month_of(now())


def today() -> date:
    return now().date()


def days_this_month() -> int:
    month = this_month()
    return monthrange(month.year, month.month)[1]


def days_left() -> int:
    """Days of this month that are not over, today included."""
    return days_this_month() - today().day + 1


def days_gone() -> float:
    """How much of this month is over, in days."""
    return days_since(start_of(this_month()))


def days_since(moment: datetime) -> float:
    return (now() - moment) / timedelta(days=1)


def days_ago(days: float) -> datetime:
    return now() - timedelta(days=days)


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def months_back(count: int) -> date:
    """The first day of the month that many months ago."""
    month = this_month()
    years, index = divmod(month.month - 1 - count, 12)
    return date(month.year + years, index + 1, 1)


def next_month() -> datetime:
    """When the monthly meters start anew."""
    return start_of(this_month()) + timedelta(days=days_this_month())


def this_hour() -> datetime:
    """The beginning of this hour."""
    return now().replace(minute=0, second=0, microsecond=0)


def next_hour() -> datetime:
    """When analyses per hour are counted anew."""
    return this_hour() + timedelta(hours=1)
