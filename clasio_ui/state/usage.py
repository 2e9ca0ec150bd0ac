"""Usage: meters with forecast, the month day by day, who used what, and the months before."""

import time
from dataclasses import dataclass
from datetime import timedelta

import reflex as rx

from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.usage.periods import today
from clasio_backend.usage.reports import list_days, list_forecasts, list_months, list_people_usage
from clasio_backend.usage.schemas import DayRow, DaysQuery, ForecastRow, MonthRow, PersonUsageRow, UsageRow
from clasio_backend.usage.service import read_usage
from clasio_ui import bridge
from clasio_ui.state.meters import (
    WARN,
    DayItem,
    LimitItem,
    MonthItem,
    PersonUsageItem,
    UsageItem,
    day_items,
    limit_items,
    month_item,
    person_usage_item,
    usage_items,
)
from clasio_ui.state.screen import Screen

SECONDS_BETWEEN = 10.0
"""Numbers of a whole month need not follow every document of a large upload."""


@dataclass(frozen=True)
class _Usage:
    usage: UsageRow
    forecasts: list[ForecastRow]
    days: list[DayRow]
    people: list[PersonUsageRow]
    months: list[MonthRow]
    sees_all: bool


class UsageState(Screen, rx.State):
    plan: str = ""
    days_left: int = 0
    limits: list[LimitItem] = []
    meters: list[UsageItem] = []
    has_forecast: bool = False
    days: list[DayItem] = []
    people: list[PersonUsageItem] = []
    sees_all: bool = False
    months: list[MonthItem] = []
    _shown_at: float = 0.0

    def _concerns(self, changed: frozenset[str]) -> bool:
        return not changed or time.time() - self._shown_at >= SECONDS_BETWEEN

    async def _fetch(self) -> None:
        found = await bridge.call(self, _usage)
        ahead = found.usage.days_left - 1
        month_end = today() + timedelta(days=ahead)
        self.plan, self.days_left = found.usage.plan, found.usage.days_left
        self.limits = limit_items(found.usage, least=WARN)
        self.meters = usage_items(found.usage, found.forecasts, f"{month_end.day} {month_end:%B}")
        self.has_forecast = bool(found.forecasts)
        self.days = day_items(found.days, ahead=ahead)
        self.people = [person_usage_item(row) for row in found.people]
        self.sees_all = found.sees_all
        self.months = [month_item(row) for row in reversed(found.months)]
        self._shown_at = time.time()


def _usage(uow: UnitOfWork) -> _Usage:
    return _Usage(
        read_usage(uow),
        list_forecasts(uow),
        list_days(uow, DaysQuery(days=today().day)),
        list_people_usage(uow),
        list_months(uow),
        uow.scope.may(Permission.READ_ALL_USAGE),
    )
