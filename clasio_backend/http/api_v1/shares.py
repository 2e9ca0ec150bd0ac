from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Response

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller
from clasio_backend.sharing import service
from clasio_backend.sharing.schemas import CreatedShare, NewShare, OpenRow, ShareChange, ShareRow

router = APIRouter(tags=["shares"])


@dataclass(frozen=True, slots=True)
class Revoked:
    """How many shares were closed."""

    revoked: int


@router.post("/documents/{document_id}/shares", status_code=201, responses=problems(404, 409))
def share_document(scope: Caller, document_id: UUID, wanted: NewShare) -> CreatedShare:
    """Opens one document to whoever has the link, which this answer shows once; with `email` it is mailed too."""
    with unit_of_work(scope) as uow:
        return service.share_document(uow, document_id, wanted)


@router.get("/documents/{document_id}/shares", responses=problems(404))
def list_shares_of(scope: Caller, document_id: UUID) -> list[ShareRow]:
    with unit_of_work(scope) as uow:
        return service.list_shares_of(uow, document_id)


@router.get("/shares", responses=problems(404))
def list_shares(scope: Caller) -> list[ShareRow]:
    """The live shares of the organization, newest first."""
    with unit_of_work(scope) as uow:
        return service.list_shares(uow)


@router.delete("/shares", responses=problems(404))
def revoke_all_shares(scope: Caller) -> Revoked:
    """Closes every share of the organization (owners), or every one of one's own."""
    with unit_of_work(scope) as uow:
        return Revoked(service.revoke_all_shares(uow))


@router.get("/shares/{share_id}/opens", responses=problems(404))
def list_opens(scope: Caller, share_id: UUID) -> list[OpenRow]:
    """When the share was opened, newest first."""
    with unit_of_work(scope) as uow:
        return service.list_opens(uow, share_id)


@router.patch("/shares/{share_id}", status_code=204, responses=problems(404), response_class=Response)
def change_share(scope: Caller, share_id: UUID, change: ShareChange) -> None:
    """Gives a share another end."""
    with unit_of_work(scope) as uow:
        service.change_share(uow, share_id, change)


@router.delete("/shares/{share_id}", status_code=204, responses=problems(404), response_class=Response)
def revoke_share(scope: Caller, share_id: UUID) -> None:
    """Closes a share at once; one's own, or any for an owner."""
    with unit_of_work(scope) as uow:
        service.revoke_share(uow, share_id)
