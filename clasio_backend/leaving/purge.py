"""Removes an organization that is deleted: its rows, batch by batch, then its bytes, and its own row last.

Each batch is a transaction of its own and finds anew what is left, so a crash anywhere, or two workers at once, end
in the same: nothing of the organization, and all of everybody else's. Until its row goes the job finds it again.
"""

import logging
from datetime import timedelta
from uuid import UUID

from clasio_backend.activity.service import record_security_event
from clasio_backend.core import gateway
from clasio_backend.core.scope import Scope, system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.leaving.repository import EverythingRepository
from clasio_backend.organizations.repository import OrganizationRepository

log = logging.getLogger(__name__)

SETTLED = timedelta(hours=1)
"""After `close`: requests that were under way have ended, and the last mail is out."""
BATCH = 1000
MAX_BATCHES = 300


def purge_organization(organization_id: UUID) -> bool:
    """Removes what is left, in bounded steps; False when something remains for the next run."""
    scope = system_scope(organization_id, "organization deleted")
    batches = 0
    if not _is_still(scope):
        return False
    while _remove_rows(scope) or get_blob_store().delete_some(organization_id, BATCH):
        batches += 1
        if batches >= MAX_BATCHES:
            return False
    with unit_of_work(scope) as uow:
        uow.repository(OrganizationRepository).lock()
        gateway.send_sessions_elsewhere(uow)
        if not uow.repository(EverythingRepository).remove_organization():
            return True  # another worker was faster
        record_security_event(uow, "organization_deleted", organization_id=str(organization_id))
    log.info("organization_deleted", extra={"organization_id": str(organization_id), "batches": batches})
    return True


def _is_still(scope: Scope) -> bool:
    """Whether no worker holds a job of it any more: one could still write bytes. None can begin from here on."""
    with unit_of_work(scope) as uow:
        uow.repository(OrganizationRepository).lock()
        everything = uow.repository(EverythingRepository)
        everything.cancel_jobs()
        return not everything.has_running_jobs()


def _remove_rows(scope: Scope) -> int:
    with unit_of_work(scope) as uow:
        uow.repository(OrganizationRepository).lock()  # two workers take turns, so "none left" is true for both
        return uow.repository(EverythingRepository).remove_some(BATCH) or gateway.remove_activity_here(uow, BATCH)
