from typing import Annotated

from fastapi import APIRouter, Query, Response

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.intake import check_upload
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller
from clasio_backend.usage import reports
from clasio_backend.usage.schemas import DayRow, DaysQuery, ForecastRow, MonthRow, PersonUsageRow, UsageRow
from clasio_backend.usage.service import read_usage

router = APIRouter(prefix="/usage", tags=["usage"])


@router.get("", responses=problems(404))
def get_usage(scope: Caller) -> UsageRow:
    """Every meter as it stands, reservations included."""
    with unit_of_work(scope) as uow:
        return read_usage(uow)


@router.get("/room", status_code=204, responses=problems(402, 404, 413), response_class=Response)
def get_room(scope: Caller, size_bytes: Annotated[int, Query(ge=0, le=10**15)]) -> None:
    """Whether a file of this size would be taken in now: 204, or why not, before any of its bytes are sent."""
    check_upload(scope, size_bytes)


@router.get("/days", responses=problems(404))
def list_days(scope: Caller, query: Annotated[DaysQuery, Query()]) -> list[DayRow]:
    """Documents and analyses per day (UTC), today last."""
    with unit_of_work(scope) as uow:
        return reports.list_days(uow, query)


@router.get("/people", responses=problems(404))
def list_people(scope: Caller) -> list[PersonUsageRow]:
    """Who used what, the most documents first: an owner sees everybody, a member themselves."""
    with unit_of_work(scope) as uow:
        return reports.list_people_usage(uow)


@router.get("/months", responses=problems(404))
def list_months(scope: Caller) -> list[MonthRow]:
    """The monthly meters of the last twelve months, this month last."""
    with unit_of_work(scope) as uow:
        return reports.list_months(uow)


@router.get("/forecasts", responses=problems(404))
def list_forecasts(scope: Caller) -> list[ForecastRow]:
    """What the meters will show at the month's end if things go on as they do; none where there is too little data."""
    with unit_of_work(scope) as uow:
        return reports.list_forecasts(uow)
