"""Meters, limits and what people used, as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from clasio_backend.usage.notices import THRESHOLDS
from clasio_backend.usage.plans import UPGRADE_PATH
from clasio_backend.usage.schemas import DayRow, ForecastRow, MeterRow, MonthRow, PersonUsageRow, UsageRow

METER_LABELS = {
    "documents": "Documents",
    "storage_bytes": "Storage",
    "fast_analyses": "Fast analyses",
    "thorough_analyses": "Thorough analyses",
    "ai_tokens": "AI tokens",
}
LEVELS = ("documents", "storage_bytes")
WARN, FULL, REACHED = THRESHOLDS
NOBODY = "Nobody in person"


@dataclass(frozen=True)
class MeterItem:
    """`tone` is `calm`, `warn` (from 80 %) or `full` (from 95 %); `note` says the same in words."""

    meter: str
    label: str
    used: str
    limit: str
    percent: int
    tone: str
    note: str


def meter_item(row: MeterRow) -> MeterItem:
    tone = "full" if row.percent >= FULL else "warn" if row.percent >= WARN else "calm"
    note = f"{row.percent} % used" if tone == "warn" else ""
    if tone == "full":
        note = "Limit reached" if row.percent >= REACHED else "Almost full"
    return MeterItem(
        row.meter,
        METER_LABELS[row.meter],
        shown(row.meter, row.used),
        shown(row.meter, row.limit),
        row.percent,
        tone,
        note,
    )


@dataclass(frozen=True)
class LimitItem:
    """A limit that is near or reached, in sentences, with where to do something about it."""

    meter: str
    tone: str
    title: str
    words: str
    href: str


def limit_items(usage: UsageRow, *, least: int) -> list[LimitItem]:
    """The meters of which at least that many percent are used."""
    return [_limit_item(meter_item(row), usage.plan) for row in usage.meters if row.percent >= least]


def _limit_item(item: MeterItem, plan: str) -> LimitItem:
    words = f"{item.used} of {item.limit} are used on the {plan} plan."
    if item.percent >= REACHED:
        stops = "New documents are refused" if item.meter in LEVELS else "New analyses wait for the next month"
        words += f" {stops}; reading, search and download go on."
    return LimitItem(
        item.meter, item.tone, f"{item.label}: {item.note[:1].lower()}{item.note[1:]}.", words, UPGRADE_PATH
    )


@dataclass(frozen=True)
class UsageItem:
    """A meter with its forecast for the month's end: in percent of the limit (0 where there is none) and in words."""

    item: MeterItem
    forecast: int
    expected: str


def usage_items(usage: UsageRow, forecasts: Iterable[ForecastRow], month_end: str) -> list[UsageItem]:
    expected = {forecast.meter: forecast.expected for forecast in forecasts}
    return [_usage_item(row, expected.get(row.meter), month_end) for row in usage.meters]


def _usage_item(row: MeterRow, expected: int | None, month_end: str) -> UsageItem:
    if expected is None:
        return UsageItem(meter_item(row), 0, "")
    over = ", more than the limit" if expected > row.limit else ""
    return UsageItem(
        meter_item(row),
        min(100, expected * 100 // row.limit),
        f"About {shown(row.meter, _roughly(expected))} on {month_end}{over}",
    )


def _roughly(amount: int) -> int:
    """Three digits that count: a forecast knows no more."""
    unit = int(10 ** max(0, len(str(amount)) - 3))
    return round(amount / unit) * unit


@dataclass(frozen=True)
class DayItem:
    day: str
    uploads: int
    analyses: int
    is_ahead: bool = False


def day_items(rows: Iterable[DayRow], *, ahead: int = 0) -> list[DayItem]:
    """The days, and that many empty ones that are still to come."""
    items = [DayItem(row.day.isoformat(), row.uploads, row.analyses) for row in rows]
    last = date.fromisoformat(items[-1].day)
    coming = [last + timedelta(days=number) for number in range(1, ahead + 1)]
    return items + [DayItem(day.isoformat(), 0, 0, is_ahead=True) for day in coming]


@dataclass(frozen=True)
class PersonUsageItem:
    id: str
    name: str
    documents: str
    storage: str
    fast: str
    thorough: str


def person_usage_item(row: PersonUsageRow) -> PersonUsageItem:
    return PersonUsageItem(
        str(row.user_id or ""),
        row.name or NOBODY,
        f"{row.documents:,}",
        size(row.storage_bytes),
        f"{row.fast_analyses:,}",
        f"{row.thorough_analyses:,}",
    )


@dataclass(frozen=True)
class MonthItem:
    month: str
    fast: str
    thorough: str
    tokens: str


def month_item(row: MonthRow) -> MonthItem:
    return MonthItem(f"{row.month:%B %Y}", f"{row.fast_analyses:,}", f"{row.thorough_analyses:,}", f"{row.ai_tokens:,}")


def shown(meter: str, amount: int) -> str:
    """An amount in the words of its meter."""
    return size(amount) if meter == "storage_bytes" else f"{amount:,}"


def size(size_bytes: int) -> str:
    """1234567 → `1.2 MB` (1 MB = 1,000,000 bytes, as in the plans)."""
    for unit, factor in (("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:,.1f} {unit}".replace(".0 ", " ")
    return f"{size_bytes} B"
