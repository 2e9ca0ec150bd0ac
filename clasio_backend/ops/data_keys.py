"""Operators give an organization a new data key."""

from uuid import UUID

from clasio_backend.core.scope import NoScope, system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.ops.access import Operator, note
from clasio_backend.rekeying.service import NewKey, new_data_key


def make_data_key(operator: Operator, organization_id: UUID) -> NewKey:
    """For new files at once; a job moves the others, and destroys the former key. Raises `NotFound`."""
    with unit_of_work(system_scope(organization_id, "new data key", request_id=operator.request_id)) as uow:
        made = new_data_key(uow)
        uow.enter(NoScope(operator.request_id))
        note(uow, operator, "operator_made_data_key", organization_id=str(organization_id))
        return made
