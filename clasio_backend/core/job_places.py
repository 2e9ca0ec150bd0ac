"""Long jobs, of which an organization has one at a time.

They go on where they were: after a crash, a wait, or when they let other organizations have their turn.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func

from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import QUEUE_OF, JobKind, JobRepository, LostLease, enqueue, wake
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.models.jobs import Job, JobState


class _LatestRepository(JobRepository):
    def find_latest(self, kind: str, payload: Mapping[str, str]) -> Job | None:
        """The job of this kind and payload that was made last, ended or not."""
        same = (self._column("kind") == kind, self._column("payload") == dict(payload))
        statement = self._select().where(*same).order_by(self._column("id").desc()).limit(1)
        job: Job | None = self._session.execute(statement).scalar_one_or_none()
        return job


def enqueue_one(uow: UnitOfWork, kind: JobKind, *, payload: Mapping[str, str], priority: int = 100) -> UUID:
    """Adds a job of which there is one at a time with this payload, and returns the id of the one under way.

    Its key names the job before it, so that two who ask at the same moment get the same job.
    """
    latest = uow.repository(_LatestRepository).find_latest(kind, payload)
    if latest is not None and latest.state in {JobState.QUEUED, JobState.RUNNING}:
        return latest.id
    key = " ".join([*payload.values(), f"after {latest.id}" if latest else "first"])
    return enqueue(uow, kind, key, payload=payload, priority=priority)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a job is: `done` of `total`, and the last thing that it looked at, in the order of its own."""

    done: int = 0
    total: int = 0
    after: str = ""


def read_place(uow: UnitOfWork, claim: Claim) -> Place:
    """Where the job was when it stopped; the beginning for one that is new."""
    progress: dict[str, Any] = uow.repository(JobRepository).get(claim.job_id).progress
    return Place(int(progress.get("done", 0)), int(progress.get("total", 0)), str(progress.get("after", "")))


def note_place(uow: UnitOfWork, claim: Claim, place: Place) -> None:
    """Writes the place down in the step that got there; raises `LostLease` to undo that step."""
    if not uow.repository(JobRepository).change_held(claim, progress=asdict(place)):
        raise LostLease


def give_way(uow: UnitOfWork, claim: Claim, place: Place, kind: JobKind) -> None:
    """Queues the job again behind what is due, for the sake of others. It got on, so earlier failures are forgotten."""
    given = uow.repository(JobRepository).change_held(
        claim,
        state=JobState.QUEUED,
        run_after=func.now(),
        attempts=0,
        progress=asdict(place),
        lease_token=None,
        lease_expires_at=None,
    )
    if not given:
        raise LostLease
    uow.after_commit(partial(wake, QUEUE_OF[kind]))
