from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents import quarantine
from clasio_backend.documents.schemas import DocumentRow, QuarantinePage, QuarantineQuery, Release
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller

router = APIRouter(prefix="/quarantine", tags=["documents"])


@router.get("", responses=problems(404))
def list_quarantine(scope: Caller, query: Annotated[QuarantineQuery, Query()]) -> QuarantinePage:
    """Owners: what the virus scanner caught, the latest first."""
    with unit_of_work(scope) as uow:
        return quarantine.list_quarantine(uow, query)


@router.post("/{document_id}/release", responses=problems(404, 409))
def release_document(scope: Caller, document_id: UUID, wanted: Release) -> DocumentRow:
    """Owners: lets a document go although it was caught. The reason stays with it, and in the activity."""
    with unit_of_work(scope) as uow:
        return quarantine.release_document(uow, document_id, wanted)


@router.delete("/{document_id}", status_code=204, responses=problems(404, 409), response_class=Response)
def delete_quarantined(scope: Caller, document_id: UUID) -> None:
    """Owners: removes a caught document for good, at once."""
    with unit_of_work(scope) as uow:
        quarantine.delete_quarantined(uow, document_id)
