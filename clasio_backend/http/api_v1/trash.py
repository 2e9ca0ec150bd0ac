from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents import trash
from clasio_backend.documents.schemas import TrashPage, TrashQuery
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller

router = APIRouter(prefix="/trash", tags=["documents"])


@dataclass(frozen=True, slots=True)
class Emptying:
    """How many documents are being removed for good."""

    documents: int


@router.get("", responses=problems())
def list_trash(scope: Caller, query: Annotated[TrashQuery, Query()]) -> TrashPage:
    """What is in the trash, the latest first; `POST /documents/{id}/restore` takes it out."""
    with unit_of_work(scope) as uow:
        return trash.list_trash(uow, query)


@router.post("/empty", status_code=202, responses=problems(404))
def empty_trash(scope: Caller) -> Emptying:
    """Owners: removes for good everything that is in the trash now, in the background."""
    with unit_of_work(scope) as uow:
        return Emptying(trash.request_empty_trash(uow))


@router.delete("/{document_id}", status_code=204, responses=problems(404, 409), response_class=Response)
def purge_document(scope: Caller, document_id: UUID) -> None:
    """Owners: removes one document in the trash for good."""
    with unit_of_work(scope) as uow:
        trash.purge_document(uow, document_id)
