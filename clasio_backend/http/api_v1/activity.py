from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from clasio_backend.activity import export, service
from clasio_backend.activity.schemas import ActivityFilter, ActivityPage, ActivityQuery
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller

router = APIRouter(tags=["activity"])


@router.get("/activity", responses=problems(404))
def list_activity(scope: Caller, query: Annotated[ActivityQuery, Query()]) -> ActivityPage:
    """Who did what, newest first: an owner sees all, a member their own."""
    with unit_of_work(scope) as uow:
        return service.list_activity(uow, query)


@router.get(
    "/activity.csv", responses=problems(404) | {200: {"content": {"text/csv": {}}}}, response_class=StreamingResponse
)
def export_activity(scope: Caller, wanted: Annotated[ActivityFilter, Query()]) -> StreamingResponse:
    """The same as CSV (RFC 4180), streamed; no cell begins as a formula."""
    with unit_of_work(scope) as uow:
        service.note_export(uow)
    return StreamingResponse(
        export.as_csv(scope, wanted),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="activity.csv"'},
    )
