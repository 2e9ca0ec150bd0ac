from uuid import UUID

from fastapi import APIRouter, Response

from clasio_backend.accounts import service
from clasio_backend.accounts.schemas import CreatedToken, NewToken, TokenRow
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller

router = APIRouter(prefix="/tokens", tags=["tokens"])


@router.get("", responses=problems())
def list_tokens(scope: Caller) -> list[TokenRow]:
    """The caller's own API tokens."""
    with unit_of_work(scope) as uow:
        return service.list_api_tokens(uow)


@router.post("", status_code=201, responses=problems())
def create_token(scope: Caller, wanted: NewToken) -> CreatedToken:
    """A new API token; its text is in this answer and nowhere else."""
    with unit_of_work(scope) as uow:
        return service.create_api_token(uow, wanted)


@router.delete("/{token_id}", status_code=204, responses=problems(404), response_class=Response)
def revoke_token(scope: Caller, token_id: UUID) -> None:
    with unit_of_work(scope) as uow:
        service.revoke_api_token(uow, token_id)
