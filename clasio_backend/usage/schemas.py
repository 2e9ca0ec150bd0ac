from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from clasio_backend.core.errors import QuotaExceeded


@dataclass(frozen=True, slots=True)
class MeterRow:
    """How much of one limit is used, in the meter's own unit (items or bytes)."""

    meter: str
    used: int
    limit: int

    @property
    def percent(self) -> int:
        return min(100, self.used * 100 // self.limit) if self.limit else 100


@dataclass(frozen=True, slots=True)
class UsageRow:
    """All meters of an organization; `days_left` of the month, today included."""

    plan: str
    meters: tuple[MeterRow, ...]
    days_left: int


@dataclass(frozen=True, slots=True)
class Room:
    """How many bytes fit besides what is there, and what is said to whoever brings more."""

    size_bytes: int
    refusal: QuotaExceeded


class DaysQuery(BaseModel):
    """How many days, the last of them today."""

    model_config = ConfigDict(frozen=True)

    days: int = Field(default=28, ge=1, le=92)


@dataclass(frozen=True, slots=True)
class DayRow:
    """What came in on a day (UTC): documents, trash left out, and analyses of every sort."""

    day: date
    uploads: int
    analyses: int


@dataclass(frozen=True, slots=True)
class PersonUsageRow:
    """What one person's documents take up, and the metered analyses of this month that they brought about.

    `user_id` and `name` are None for what nobody in person did.
    """

    user_id: UUID | None
    name: str | None
    documents: int
    storage_bytes: int
    fast_analyses: int
    thorough_analyses: int


@dataclass(frozen=True, slots=True)
class MonthRow:
    """The monthly meters as they stood at the month's end, or stand now."""

    month: date
    fast_analyses: int
    thorough_analyses: int
    ai_tokens: int


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """What a meter will show at the month's end if things go on as they did in the last `days` days."""

    meter: str
    expected: int
    days: int
