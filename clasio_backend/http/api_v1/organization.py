from fastapi import APIRouter

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller
from clasio_backend.organizations import settings
from clasio_backend.organizations.schemas import OrganizationChange, OrganizationSettings

router = APIRouter(tags=["organization"])


@router.get("/organization", responses=problems())
def get_organization(scope: Caller) -> OrganizationSettings:
    with unit_of_work(scope) as uow:
        return settings.read_settings(uow)


@router.patch("/organization", responses=problems(404))
def change_organization(scope: Caller, change: OrganizationChange) -> OrganizationSettings:
    """Owners: the name, when analyses start and where, and how long a share may last."""
    with unit_of_work(scope) as uow:
        return settings.change_settings(uow, change)
