"""Deleting an organization: asked for by an owner, called off by any of them within seven days, else carried out.

While it waits everything can be read, downloaded and exported; uploads, shares and invites have stopped. When its time
has come nobody gets in from one moment to the next (`close`), and an hour later `purge` removes what there is.
"""

from datetime import datetime, timedelta
from uuid import UUID

from clasio_backend.accounts.repository import UserRepository
from clasio_backend.accounts.service import confirm_password
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import NotFound
from clasio_backend.core.job_queue import JobKind
from clasio_backend.core.scope import Permission, Scope, UserScope, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.leaving.errors import NameDiffers
from clasio_backend.leaving.repository import EverythingRepository
from clasio_backend.leaving.schemas import OrganizationDeletion, OrganizationDeletionRow
from clasio_backend.mail.service import queue_mail
from clasio_backend.models import Organization
from clasio_backend.organizations.repository import MemberRepository, OrganizationRepository

WAITING_TIME = timedelta(days=7)
MAX_OWNERS_TOLD = 100


def read_organization_deletion(uow: UnitOfWork) -> OrganizationDeletionRow:
    """Whether the organization waits for its deletion, for everybody in it."""
    uow.scope.require(Permission.READ_DOCUMENTS, "organization")
    return _row(uow, uow.repository(OrganizationRepository).get())


def ask_organization_deletion(scope: Scope, wanted: OrganizationDeletion) -> OrganizationDeletionRow:
    """Starts the seven days and tells every owner; a second time changes nothing. Owners only.

    Raises `NameDiffers`, `WrongPassword`, `NoPassword` or `TooManyRequests`.
    """
    scope.require(Permission.DELETE_ORGANIZATION, "organization")
    with unit_of_work(scope) as uow:
        if wanted.name.strip() != uow.repository(OrganizationRepository).get().name.strip():
            raise NameDiffers
    if scope.user_id is None:
        raise NotFound("organization")
    confirm_password(UserScope(scope.user_id, scope.request_id, scope.session_id), wanted.password.get_secret_value())
    with unit_of_work(scope) as uow:
        organization = _locked(uow)
        if organization.deletion_due_at is None:
            organization.deletion_due_at = now() + WAITING_TIME
            until = organization.deletion_due_at
            record(uow, Action.ORGANIZATION_DELETION_ASKED, "organization", organization.id, due=day_of(until))
            _tell_owners(uow, organization, "organization_deletion", until=in_words(until))
            uow.notify("organization", organization.id)
        return _row(uow, organization)


def keep_organization(uow: UnitOfWork) -> None:
    """Calls the deletion off: everything is as it was, shares are open again. Twice is once. Owners only."""
    uow.scope.require(Permission.DELETE_ORGANIZATION, "organization")
    organization = _locked(uow)
    if organization.deletion_due_at is not None:
        organization.deletion_due_at = None
        record(uow, Action.ORGANIZATION_KEPT, "organization", organization.id)
        _tell_owners(uow, organization, "organization_kept")
        uow.notify("organization", organization.id)


def delete_organization(organization_id: UUID) -> None:
    """Carries out what is due; nothing when it was called off meanwhile."""
    with unit_of_work(system_scope(organization_id, "organization deleted")) as uow:
        organization = _locked(uow)  # `NotFound` when another worker was faster
        if organization.deletion_due_at is not None and organization.deletion_due_at <= now():
            _tell_owners(uow, organization, "organization_deleted")
            close(uow, organization)


def close(uow: UnitOfWork, organization: Organization) -> None:
    """The point of no return: from the commit on nobody gets in. The caller holds the lock of the organization."""
    organization.deleted_at = now()
    uow.repository(EverythingRepository).cancel_jobs(but={JobKind.SEND_MAIL})
    uow.flush()
    uow.notify("organization", organization.id)


def in_words(moment: datetime) -> str:
    return f"{day_of(moment)}, {moment:%H:%M} UTC"


def day_of(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _locked(uow: UnitOfWork) -> Organization:
    organizations = uow.repository(OrganizationRepository)
    organizations.lock()
    organization = organizations.get()
    if organization.deleted_at is not None:
        raise NotFound("organization")
    return organization


def _tell_owners(uow: UnitOfWork, organization: Organization, template: str, **values: str) -> None:
    asker = uow.repository(UserRepository).get(uow.scope.user_id) if uow.scope.user_id else None
    for address in uow.repository(MemberRepository).owner_addresses(limit=MAX_OWNERS_TOLD):
        queue_mail(
            uow,
            address,
            template,
            who=asker.name if asker else "An owner",
            organization=organization.name,
            link=f"{get_settings().base_url}/settings",
            **values,
        )


def _row(uow: UnitOfWork, organization: Organization) -> OrganizationDeletionRow:
    may_delete = uow.scope.may(Permission.DELETE_ORGANIZATION)
    return OrganizationDeletionRow(organization.name, organization.deletion_due_at, may_delete)
