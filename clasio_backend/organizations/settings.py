"""What owners decide for their organization."""

from clasio_backend.accounts.repository import SecondFactorRepository
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.models import Organization
from clasio_backend.organizations.errors import OwnFactorFirst
from clasio_backend.organizations.repository import OrganizationRepository
from clasio_backend.organizations.schemas import OrganizationChange, OrganizationSettings


def read_settings(uow: UnitOfWork) -> OrganizationSettings:
    """The settings in force, for everybody in the organization."""
    uow.scope.require(Permission.READ_DOCUMENTS, "organization")
    return _settings(uow.repository(OrganizationRepository).get())


def change_settings(uow: UnitOfWork, change: OrganizationChange) -> OrganizationSettings:
    """Writes what was sent; owners only. A shorter `max_share_days` counts for shares made from now on.

    Raises `OwnFactorFirst`.
    """
    uow.scope.require(Permission.MANAGE_ORGANIZATION, "organization")
    if change.requires_second_factor and not uow.repository(SecondFactorRepository).is_on():
        raise OwnFactorFirst
    organizations = uow.repository(OrganizationRepository)
    organizations.lock()
    organization = organizations.get()
    for field in sorted(change.model_fields_set):
        before, after = getattr(organization, field), getattr(change, field)
        if after is not None and after != before:
            setattr(organization, field, after)
            record(
                uow,
                Action.ORGANIZATION_CHANGED,
                "organization",
                organization.id,
                field=field,
                before=before,
                after=after,
            )
    uow.notify("organization", organization.id)
    return _settings(organization)


def _settings(organization: Organization) -> OrganizationSettings:
    return OrganizationSettings(
        organization.id,
        organization.name,
        organization.plan,
        organization.analysis_mode,
        organization.local_only,
        organization.max_share_days,
        organization.requires_second_factor,
    )
