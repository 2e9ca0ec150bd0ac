"""What a wake-up does: claim the next due job in Postgres, do it, and write down how it ended."""

import logging
import random
import time
import traceback
from datetime import timedelta
from functools import partial

from sqlalchemy.exc import OperationalError

from clasio_backend.core.clock import now
from clasio_backend.core.errors import ClasioError
from clasio_backend.core.gateway import Claim
from clasio_backend.core.instance_jobs import (
    InstanceClaim,
    InstanceJobRepository,
    claim_next_of_instance,
    hand_back_of_instance,
    instance_time_limit,
    renew_instance_lease,
)
from clasio_backend.core.job_queue import (
    QUEUE_OF,
    JobRow,
    LostLease,
    QueueName,
    claim_next,
    give_up,
    hand_back,
    put_back,
    renew_lease,
    time_limit,
    wake,
)
from clasio_backend.core.scope import NoScope, Scope, system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.models.jobs import JobState
from clasio_backend.observability.logging import log_context
from jobs.handlers import HANDLERS, INSTANCE_HANDLERS, settle_subject
from jobs.lease import Held, is_stopping, kept

log = logging.getLogger(__name__)

RUNNING_CAP = {
    QueueName.READ: 8,
    QueueName.FAST: 8,
    QueueName.THOROUGH: 4,
    QueueName.SYNC: 2,
    QueueName.BULK: 2,
    QueueName.CONTROL: 2,
}
"""How many jobs of one organization run in a queue at once."""

SECONDS_A_WAKE_UP = 0.25
"""RQ's own books cost a fifth of a short job, so one wake-up does several of them."""

FIRST_RETRY_SECONDS = 2.0
LAST_RETRY_SECONDS = 300.0
LONGEST_WAIT_SECONDS = 6 * 3600.0
"""However long the other side asks us to wait."""
UNEXPECTED = "Something went wrong on our side. The operator can see why; try again, or ask them."


class TookTooLong(ClasioError):
    """The job hung, and its worker was ended with it."""

    code = "took_too_long"
    retryable = True

    def __init__(self) -> None:
        super().__init__("This took too long and was stopped. Try again later.")


def run_due(queue: str) -> None:
    """The RQ task behind every wake-up: does what is due, for a short while, so that more urgent queues get their turn.

    Nothing due is the normal end of a wake-up that came too late.
    """
    name = QueueName(queue)
    ends = time.monotonic() + SECONDS_A_WAKE_UP
    while not is_stopping() and _run_next(name):
        if time.monotonic() >= ends:
            wake(name)
            return


def _run_next(name: QueueName) -> bool:
    if name == QueueName.CONTROL and run_next_of_instance():
        return True
    claimed = claim_next(name, RUNNING_CAP[name])
    if claimed is None:
        return False
    run_claimed(*claimed)
    return True


def run_claimed(claim: Claim, job: JobRow) -> None:
    """Runs one claimed job to success, another try later, or its end."""
    scope = system_scope(claim.organization_id, f"job {job.kind}", request_id=job.request_id)
    with log_context(request_id=job.request_id, organization_id=claim.organization_id, job_id=job.id, kind=job.kind):
        started = time.monotonic()
        outcome = _run(scope, claim, job)
        log.info("job", extra={"outcome": outcome, "duration_ms": round((time.monotonic() - started) * 1000)})


def _run(scope: Scope, claim: Claim, job: JobRow) -> str:
    held = Held(
        renew=partial(renew_lease, claim),
        hand_back=partial(hand_back, claim, QUEUE_OF[job.kind]),
        fail=lambda: _record_failure(scope, claim, job, TookTooLong()),
        limit=time_limit(job.kind),
    )
    try:
        with kept(held):
            HANDLERS[job.kind].run(scope, claim, job)
    except LostLease:
        return "lease lost"
    except OperationalError as error:
        # The database went away: nothing can be written now. The lease runs out and the job is taken again.
        log.warning("database_away", extra={"error": type(error.orig).__name__})
        return "database away"
    except Exception as error:  # noqa: BLE001  # whatever a job raises ends in its row, never in a dead worker
        try:
            return _record_failure(scope, claim, job, error)
        except LostLease:
            return "lease lost"
    return "succeeded"


def _record_failure(scope: Scope, claim: Claim, job: JobRow, error: Exception) -> str:
    expected = isinstance(error, ClasioError)
    message = error.message if isinstance(error, ClasioError) else UNEXPECTED
    detail = message if expected else "".join(traceback.format_exception(error))[-2000:]
    log.log(logging.WARNING if expected else logging.ERROR, "job_failed", extra={"error": detail})
    attempts = job.attempts + 1
    can_be_mended = not isinstance(error, ClasioError) or error.retryable
    if can_be_mended and attempts < job.max_attempts:
        with unit_of_work(scope) as uow:
            put_back(uow, claim, run_after=now() + wait_after(error, attempts), error=detail, attempts=attempts)
        return "put back"
    state = JobState.DEAD if can_be_mended else JobState.FAILED
    with unit_of_work(scope) as uow:
        give_up(uow, claim, state=state, error=detail, attempts=attempts)
        settle_subject(uow, job, message)
    return str(state)


def wait_after(error: Exception, attempts: int) -> timedelta:
    """As long as the other side asked for, and at least as long as without its word."""
    asked = error.retry_after if isinstance(error, ClasioError) else None
    return max(backoff(attempts), timedelta(seconds=min(asked or 0, LONGEST_WAIT_SECONDS)))


def backoff(attempts: int) -> timedelta:
    """2 s, 4 s, 8 s … at most 5 minutes, each moved by up to a fifth so that retries do not come in step."""
    seconds = min(LAST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (attempts - 1))
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311  # spreads load, guards nothing


def run_next_of_instance() -> bool:
    """Runs one due job of the instance; False when there is none."""
    claim = claim_next_of_instance()
    if claim is None:
        return False
    held = Held(
        renew=partial(renew_instance_lease, claim),
        hand_back=partial(hand_back_of_instance, claim),
        fail=partial(_settle_instance, claim, TookTooLong()),
        limit=instance_time_limit(claim.kind),
    )
    with log_context(job_id=claim.job_id, kind=claim.kind):
        try:
            with kept(held):
                INSTANCE_HANDLERS[claim.kind]()
        except OperationalError as error:
            log.warning("database_away", extra={"error": type(error.orig).__name__})  # as in _run
        except Exception as error:  # noqa: BLE001  # as in _run
            _settle_instance(claim, error)
        else:
            _settle_instance(claim, None)
    return True


def _settle_instance(claim: InstanceClaim, error: Exception | None) -> None:
    values: dict[str, object] = {"lease_token": None, "lease_expires_at": None}
    if error is None:
        values |= {"state": JobState.SUCCEEDED, "finished_at": now()}
    else:
        attempts = claim.attempts + 1
        log.error("job_failed", extra={"error": "".join(traceback.format_exception(error))[-2000:]})
        values |= {"attempts": attempts, "last_error": repr(error)[:2000]}
        if attempts < claim.max_attempts:
            values |= {"state": JobState.QUEUED, "run_after": now() + backoff(attempts)}
        else:
            values |= {"state": JobState.DEAD, "finished_at": now()}
    with unit_of_work(NoScope()) as uow:
        uow.repository(InstanceJobRepository).change_held(claim, **values)
