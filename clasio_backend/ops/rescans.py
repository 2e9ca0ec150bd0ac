"""Operators have what is open scanned again: what was never scanned, and what an older database found clean."""

from uuid import UUID

from clasio_backend.core import gateway
from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import NoScope, system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.errors import ScannerOff
from clasio_backend.documents.rescans import Which, request_rescan
from clasio_backend.integrations.clamav import get_scanner
from clasio_backend.ops.access import Operator, note
from clasio_backend.ops.schemas import NewRescan, RescanRow
from clasio_backend.organizations.repository import OrganizationRepository


def start_rescan(operator: Operator, wanted: NewRescan) -> RescanRow:
    """Queues a job for the organization, or for each; raises `ScannerOff`, and `NotFound` for an unknown one.

    An organization where such a job is under way keeps that one.
    """
    if get_scanner() is None:
        raise ScannerOff
    every = gateway.organization_ids()
    if wanted.organization_id is not None and wanted.organization_id not in every:
        raise NotFound("organization")
    chosen = every if wanted.organization_id is None else [wanted.organization_id]
    which = Which.NOT_SCANNED if wanted.only_not_scanned else Which.OTHER_DATABASES
    started = sum(_start(operator, organization_id, which) for organization_id in chosen)
    with unit_of_work(NoScope(operator.request_id)) as uow:
        whose = "every organization" if wanted.organization_id is None else f"organization {wanted.organization_id}"
        note(uow, operator, "operator_started_scan", of=whose, which=which.value.replace("_", " "))
    return RescanRow(started)


def _start(operator: Operator, organization_id: UUID, which: Which) -> bool:
    with unit_of_work(system_scope(organization_id, "scan again", request_id=operator.request_id)) as uow:
        if uow.repository(OrganizationRepository).is_closing():
            return False
        request_rescan(uow, which)
        return True
