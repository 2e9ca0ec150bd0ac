"""A new data key for an organization: for what comes in from now on at once, for all the rest by a job (`moving`)."""

from dataclasses import dataclass
from uuid import UUID

from clasio_backend.core.errors import NotFound
from clasio_backend.core.job_queue import JobKind, enqueue
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.integrations.storage import keys
from clasio_backend.organizations.repository import OrganizationRepository


@dataclass(frozen=True, slots=True)
class NewKey:
    """The key, and the job that moves what lies under the former one."""

    key_id: UUID
    job_id: UUID


def new_data_key(uow: UnitOfWork) -> NewKey:
    """Makes the key and queues the move; raises `NotFound` for an organization that is gone or about to go."""
    uow.scope.require(Permission.CHANGE_PLAN, "organization")  # operators: what nobody inside may do
    if uow.repository(OrganizationRepository).is_closing():
        raise NotFound("organization")
    key_id = keys.add_key(uow)
    return NewKey(key_id, enqueue(uow, JobKind.MOVE_TO_KEY, str(key_id), payload={"key_id": str(key_id)}))
