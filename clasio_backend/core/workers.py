"""Which background processes live, by their own word in Postgres (RQ's list is empty after a flush of Redis)."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from clasio_backend.core.ids import new_id
from clasio_backend.core.repository import Repository
from clasio_backend.core.scope import NoScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.models.jobs import Worker

SILENT_MEANS_GONE = timedelta(seconds=30)


class WorkerRepository(Repository):
    def seen(self, worker: Worker) -> None:
        values = worker.model_dump(exclude={"seen_at", "started_at"})
        statement = insert(Worker).values(**values)
        statement = statement.on_conflict_do_update(index_elements=["id"], set_={"seen_at": func.now()})
        self._session.execute(statement)

    def remove(self, worker_id: UUID) -> None:
        self._session.execute(delete(Worker).where(col(Worker.id) == worker_id))

    def living(self) -> list[tuple[str, list[str]]]:
        statement = select(col(Worker.kind), col(Worker.queues)).where(
            col(Worker.seen_at) > func.now() - SILENT_MEANS_GONE
        )
        return [(row[0], row[1]) for row in self._session.execute(statement)]


@dataclass(frozen=True, slots=True)
class Presence:
    """One process's sign of life."""

    worker_id: UUID
    kind: str
    queues: tuple[str, ...]

    @classmethod
    def of(cls, kind: str, queues: Sequence[str] = ()) -> "Presence":
        return cls(new_id(), kind, tuple(queues))

    def show(self) -> None:
        with unit_of_work(NoScope()) as uow:
            uow.repository(WorkerRepository).seen(
                Worker(
                    id=self.worker_id,
                    kind=self.kind,
                    queues=list(self.queues),
                    host=socket.gethostname()[:200],
                    pid=os.getpid(),
                )
            )

    def leave(self) -> None:
        with unit_of_work(NoScope()) as uow:
            uow.repository(WorkerRepository).remove(self.worker_id)


def living_kinds() -> set[str]:
    """`worker`, `control`, `scheduler`: the kinds of process that showed themselves lately."""
    with unit_of_work(NoScope()) as uow:
        return {kind for kind, _ in uow.repository(WorkerRepository).living()}
