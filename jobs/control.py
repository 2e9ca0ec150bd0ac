"""`control`: takes back what silent workers held, and tops up wake-ups that Redis lost. Two of them are harmless."""

import logging
import signal
import threading
from types import FrameType

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from clasio_backend.core import gateway
from clasio_backend.core.instance_jobs import InstanceJobRepository
from clasio_backend.core.job_queue import ENOUGH_WAKE_UPS, MAX_LOST_LEASES, QueueName, queued_wake_ups, take_back, wake
from clasio_backend.core.scope import NoScope, system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from jobs.handlers import settle_subject
from jobs.process import background_process
from jobs.schedules import make_up_missed, register_all

log = logging.getLogger(__name__)
INTERVAL_SECONDS = 2.0
ROUNDS_PER_REGISTRATION = 5
GAVE_UP = f"Doing this stopped the worker {MAX_LOST_LEASES} times, so Clasio gave up. The operator can see why."


def take_back_expired() -> int:
    """Queues jobs whose lease ran out; ends those that keep killing their worker. Returns how many leases expired."""
    expired = gateway.expired_leases()
    for lease in expired:
        with unit_of_work(system_scope(lease.organization_id, "lease expired")) as uow:
            dead = take_back(uow, lease.job_id)
            if dead is not None:
                settle_subject(uow, dead, GAVE_UP)
    with unit_of_work(NoScope()) as uow:
        return len(expired) + uow.repository(InstanceJobRepository).take_back_expired()


def top_up_wake_ups() -> int:
    """Sends as many wake-ups as due jobs outnumber them, up to what is enough; returns how many."""
    due = gateway.due_jobs()
    waiting = queued_wake_ups()
    sent = 0
    for queue in QueueName:
        missing = min(due.get(queue, 0), ENOUGH_WAKE_UPS) - waiting[queue]
        if missing > 0:
            wake(queue, missing)
            sent += missing
    return sent


def one_round(number: int) -> None:
    """One turn of the loop; what is away now is tried again next time. What needs no Redis comes first."""
    try:
        is_slow_round = number % ROUNDS_PER_REGISTRATION == 0
        taken_back = take_back_expired()
        if is_slow_round:
            make_up_missed()
        sent = top_up_wake_ups()
        if is_slow_round:
            register_all()
    except (SQLAlchemyError, RedisError) as error:
        log.warning("control_round_failed", extra={"error": type(error).__name__})
        return
    if taken_back or sent:
        log.info("control", extra={"taken_back": taken_back, "wake_ups": sent})


def main() -> None:
    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    with background_process("control"):  # until it has what it needs, a signal ends it as it ends any process
        signal.signal(signal.SIGTERM, ask_to_stop)
        signal.signal(signal.SIGINT, ask_to_stop)
        number = 0
        while not stop.is_set():
            one_round(number)
            number += 1
            stop.wait(INTERVAL_SECONDS)


if __name__ == "__main__":
    main()
