"""Who used what, when, and where it leads: read from the rows, each list of a bounded length."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.usage.periods import (
    days_ago,
    days_gone,
    days_since,
    days_this_month,
    months_back,
    periods_now,
    start_of,
    this_month,
    today,
)
from clasio_backend.usage.plans import MONTHLY, Meter
from clasio_backend.usage.repository import ReportRepository, UsageRepository
from clasio_backend.usage.schemas import DayRow, DaysQuery, ForecastRow, MonthRow, PersonUsageRow

MAX_PEOPLE = 200
MONTHS = 12
PACE_DAYS = 28
"""The pace of levels is that of these last days: a month may have begun only yesterday."""
LEAST_DAYS, LEAST_USES = 7, 10
"""With less than this behind it a forecast would be a guess."""


def list_days(uow: UnitOfWork, query: DaysQuery) -> list[DayRow]:
    """What came in on each of the last days, today last; days on which nothing did are there too."""
    uow.scope.require(Permission.READ_USAGE)
    reports = uow.repository(ReportRepository)
    days = [today() - timedelta(days=back) for back in range(query.days - 1, -1, -1)]
    since = start_of(days[0])
    uploads, analyses = reports.uploads_per_day(since), reports.analyses_per_day(since)
    return [DayRow(day, uploads.get(day, 0), analyses.get(day, 0)) for day in days]


def list_people_usage(uow: UnitOfWork) -> list[PersonUsageRow]:
    """Who used what, the most documents first: owners see everybody (200 people at most), members themselves."""
    uow.scope.require(Permission.READ_USAGE)
    only = None if uow.scope.may(Permission.READ_ALL_USAGE) else uow.scope.user_id
    reports = uow.repository(ReportRepository)
    stored = {
        person: (documents, size_bytes)
        for person, documents, size_bytes in reports.documents_by_person(limit=MAX_PEOPLE, only=only)
    }
    asked: dict[UUID | None, dict[str, int]] = {}
    for person, mode, count in reports.analyses_by_person(start_of(this_month()), limit=2 * MAX_PEOPLE, only=only):
        asked.setdefault(person, {})[mode] = count
    people = list(dict.fromkeys([*stored, *asked]))[:MAX_PEOPLE]
    names = reports.names_of([person for person in people if person is not None])
    return [
        PersonUsageRow(
            user_id=person,
            name=names.get(person) if person is not None else None,
            documents=stored.get(person, (0, 0))[0],
            storage_bytes=stored.get(person, (0, 0))[1],
            fast_analyses=asked.get(person, {}).get("fast", 0),
            thorough_analyses=asked.get(person, {}).get("thorough", 0),
        )
        for person in people
    ]


def list_months(uow: UnitOfWork) -> list[MonthRow]:
    """The monthly meters of the last twelve months, this month last; months before the first use are left out."""
    uow.scope.require(Permission.READ_USAGE)
    rows = uow.repository(UsageRepository).used_since(months_back(MONTHS - 1))
    used = {(month, meter): amount for meter, month, amount in rows}
    first = min((month for (month, _), amount in used.items() if amount), default=this_month())
    return [
        MonthRow(
            month,
            fast_analyses=used.get((month, Meter.FAST_ANALYSES), 0),
            thorough_analyses=used.get((month, Meter.THOROUGH_ANALYSES), 0),
            ai_tokens=used.get((month, Meter.AI_TOKENS), 0),
        )
        for month in (months_back(back) for back in range(MONTHS - 1, -1, -1))
        if month >= first
    ]


def list_forecasts(uow: UnitOfWork) -> list[ForecastRow]:
    """What the meters will show at the month's end if things go on as they do; none where there is too little data.

    A month's meter goes on at this month's pace, a level grows as it did in the last four weeks.
    """
    uow.scope.require(Permission.READ_USAGE)
    used = {meter: amount for (meter, _), amount in uow.repository(UsageRepository).all_used(periods_now()).items()}
    return [*_levels(uow, used), *_monthly(used)]


def _levels(uow: UnitOfWork, used: Mapping[str, int]) -> list[ForecastRow]:
    reports = uow.repository(ReportRepository)
    first = reports.first_document_at()
    days = min(float(PACE_DAYS), days_since(first)) if first is not None else 0.0
    if days < LEAST_DAYS:
        return []
    documents, size_bytes = reports.added_since(days_ago(days))
    if documents < LEAST_USES:
        return []
    ahead = (days_this_month() - days_gone()) / days
    added = ((Meter.DOCUMENTS, documents), (Meter.STORAGE_BYTES, size_bytes))
    return [ForecastRow(meter, round(used.get(meter, 0) + amount * ahead), round(days)) for meter, amount in added]


def _monthly(used: Mapping[str, int]) -> list[ForecastRow]:
    gone = days_gone()
    enough = [meter for meter in Meter if meter in MONTHLY and used.get(meter, 0) >= LEAST_USES]
    if gone < LEAST_DAYS:
        return []
    return [ForecastRow(meter, round(used[meter] / gone * days_this_month()), round(gone)) for meter in enough]
