from typing import Annotated

from fastapi import APIRouter, Query

from clasio_backend.activity import service as activity
from clasio_backend.activity.schemas import ActivityRow
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller
from clasio_backend.organizations import service
from clasio_backend.organizations.schemas import CategoryRow, PersonRow
from clasio_backend.usage.schemas import UsageRow
from clasio_backend.usage.service import read_usage

router = APIRouter(tags=["organization"])


@router.get("/members", responses=problems())
def list_members(scope: Caller) -> list[PersonRow]:
    with unit_of_work(scope) as uow:
        return service.list_people(uow)


@router.get("/categories", responses=problems())
def list_categories(scope: Caller) -> list[CategoryRow]:
    with unit_of_work(scope) as uow:
        return service.list_categories(uow)


@router.get("/usage", responses=problems())
def get_usage(scope: Caller) -> UsageRow:
    with unit_of_work(scope) as uow:
        return read_usage(uow)


@router.get("/activity", responses=problems())
def list_activity(scope: Caller, limit: Annotated[int, Query(ge=1, le=100)] = 50) -> list[ActivityRow]:
    """The newest entries: an owner sees all, a member their own."""
    with unit_of_work(scope) as uow:
        return activity.list_latest(uow, limit=limit)
