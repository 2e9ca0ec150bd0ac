"""Which code does which kind of job, and what becomes of its subject when the job ends without success."""

from collections.abc import Callable
from dataclasses import dataclass

from clasio_backend.core.gateway import Claim
from clasio_backend.core.instance_jobs import InstanceJobKind
from clasio_backend.core.job_queue import JobKind, JobRow
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from jobs import analysis, clean_up, reading


@dataclass(frozen=True, slots=True)
class Handler:
    """`run` writes its effect and `finish`es in one transaction; `give_up` runs in the one that ends the job."""

    run: Callable[[Scope, Claim, JobRow], None]
    give_up: Callable[[UnitOfWork, JobRow, str], None]


HANDLERS: dict[JobKind, Handler] = {
    JobKind.READ_DOCUMENT: Handler(reading.run, reading.give_up),
    JobKind.ANALYSE_DOCUMENT: Handler(analysis.run, analysis.give_up),
}

INSTANCE_HANDLERS: dict[InstanceJobKind, Callable[[], None]] = {InstanceJobKind.CLEAN_UP: clean_up.run}
