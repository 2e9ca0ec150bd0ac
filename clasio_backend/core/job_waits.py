"""Jobs that wait for something that will come: the next hour or month, another plan. They have not failed."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import func, update

from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobRepository, LostLease, QueueName, wake
from clasio_backend.core.repository import table_of
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.models.jobs import Job, JobState

_JOBS = table_of(Job)


class _WaitingRepository(JobRepository):
    def bring_forward(self, what: str) -> bool:
        """Makes every job due that waits for `what`; False when none does."""
        waits = _JOBS.c.progress["waits_for"].astext == what
        statement = update(_JOBS).where(self._here(_JOBS.c.organization_id), _JOBS.c.state == JobState.QUEUED, waits)
        return bool(self._session.execute(statement.values(run_after=func.now()).returning(_JOBS.c.id)).first())


def wait_for(  # noqa: PLR0913  # what is written down about the wait
    uow: UnitOfWork,
    claim: Claim,
    what: str,
    *,
    until: datetime,
    reason: str,
    progress: Mapping[str, Any] | None = None,
) -> None:
    """Queues the job again for `until`, or until `what` is brought forward. It has not failed: no attempt is spent.

    `progress` is kept beside what it waits for.
    """
    changed = uow.repository(JobRepository).change_held(
        claim,
        state=JobState.QUEUED,
        run_after=until,
        progress={**(progress or {}), "waits_for": what},
        last_error=reason[:2000],
        lease_token=None,
        lease_expires_at=None,
    )
    if not changed:
        raise LostLease


def go_on(uow: UnitOfWork, claim: Claim) -> None:
    """Before something that costs money: raises `LostLease` when another worker has the job."""
    if not uow.repository(JobRepository).change_held(claim, progress={}):
        raise LostLease


def bring_forward(uow: UnitOfWork, what: str) -> None:
    """What the organization's jobs `wait_for` has come: they are due."""
    if uow.repository(_WaitingRepository).bring_forward(what):
        for queue in QueueName:
            uow.after_commit(partial(wake, queue))
