from typing import Annotated

from fastapi import APIRouter, Header, Query

from clasio_backend.analysis import bulk
from clasio_backend.analysis.schemas import AnalysisProgress, BulkAnalysis, BulkEstimate, BulkStarted
from clasio_backend.core.ids import new_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller

router = APIRouter(prefix="/analyses", tags=["analyses"])


@router.get("/estimate", responses=problems(404, 409))
def estimate(scope: Caller, wanted: Annotated[BulkAnalysis, Query()]) -> BulkEstimate:
    """What it would take to analyse the documents with these `ids`, or all that fit the filters (2,000 at most)."""
    with unit_of_work(scope) as uow:
        return bulk.estimate(uow, wanted)


@router.post("", status_code=202, responses=problems(404, 409))
def start(
    scope: Caller,
    wanted: BulkAnalysis,
    idempotency_key: Annotated[str | None, Header(max_length=100)] = None,
) -> BulkStarted:
    """Queues one analysis for each. The same `Idempotency-Key` starts none twice; what finds no room waits for it."""
    return bulk.start(scope, wanted, key=idempotency_key or new_id().hex)


@router.get("/progress", responses=problems(404))
def read_progress(scope: Caller) -> AnalysisProgress:
    """How many analyses are still to be done."""
    with unit_of_work(scope) as uow:
        return bulk.read_progress(uow)
