from fastapi import APIRouter, Response

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller, CallingPerson
from clasio_backend.leaving import account, organization
from clasio_backend.leaving.schemas import (
    AccountDeletion,
    AccountDeletionRow,
    OrganizationDeletion,
    OrganizationDeletionRow,
)

router = APIRouter(tags=["leaving"])


@router.get("/account/deletion", responses=problems())
def get_account_deletion(person: CallingPerson) -> AccountDeletionRow:
    """Whether the caller's account waits for its deletion, and what that does to each of their organizations."""
    return account.read_account_deletion(person)


@router.post("/account/deletion", status_code=202, responses=problems(409, 429))
def ask_account_deletion(person: CallingPerson, wanted: AccountDeletion) -> AccountDeletionRow:
    """Deletes the caller's account in seven days, until when it can be called off."""
    return account.ask_account_deletion(person, wanted)


@router.delete("/account/deletion", status_code=204, responses=problems(), response_class=Response)
def keep_account(person: CallingPerson) -> None:
    """Calls the deletion of the account off."""
    account.keep_account(person)


@router.get("/organization/deletion", responses=problems())
def get_organization_deletion(scope: Caller) -> OrganizationDeletionRow:
    """Whether the organization waits for its deletion."""
    with unit_of_work(scope) as uow:
        return organization.read_organization_deletion(uow)


@router.post("/organization/deletion", status_code=202, responses=problems(404, 429))
def ask_organization_deletion(scope: Caller, wanted: OrganizationDeletion) -> OrganizationDeletionRow:
    """Owners: deletes the organization in seven days, until when it can be called off.

    Uploads, shares and invites stop now.
    """
    return organization.ask_organization_deletion(scope, wanted)


@router.delete("/organization/deletion", status_code=204, responses=problems(404), response_class=Response)
def keep_organization(scope: Caller) -> None:
    """Owners: calls the deletion of the organization off; everything is as it was."""
    with unit_of_work(scope) as uow:
        organization.keep_organization(uow)
