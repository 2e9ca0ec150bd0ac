"""What operators switch: queues and schedules, on and off, and a schedule's work now."""

from clasio_backend.core.clock import now
from clasio_backend.core.errors import NotFound
from clasio_backend.core.instance_jobs import QUEUE
from clasio_backend.core.job_queue import QueueName, wake
from clasio_backend.core.scope import NoScope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.models import Schedule
from clasio_backend.ops.access import Operator, note
from clasio_backend.ops.errors import AlreadyWaiting
from clasio_backend.ops.repository import InstanceWorkRepository


def pause_queue(operator: Operator, queue: QueueName) -> None:
    """From now on the queue hands out nothing; what runs is finished, what is queued stays."""
    with unit_of_work(NoScope(operator.request_id)) as uow:
        if uow.repository(InstanceWorkRepository).pause(queue):
            note(uow, operator, "operator_paused_queue", queue=queue.value)


def resume_queue(operator: Operator, queue: QueueName) -> None:
    with unit_of_work(NoScope(operator.request_id)) as uow:
        if uow.repository(InstanceWorkRepository).resume(queue):
            note(uow, operator, "operator_resumed_queue", queue=queue.value)
            uow.after_commit(lambda: wake(queue))


def pause_schedule(operator: Operator, schedule_id: str) -> None:
    """From now on its due times pass without work; raises `NotFound`."""
    _set_paused(operator, schedule_id, is_paused=True)


def resume_schedule(operator: Operator, schedule_id: str) -> None:
    _set_paused(operator, schedule_id, is_paused=False)


def _set_paused(operator: Operator, schedule_id: str, *, is_paused: bool) -> None:
    with unit_of_work(NoScope(operator.request_id)) as uow:
        schedule = _get_schedule(uow, schedule_id)
        if schedule.is_paused != is_paused:
            schedule.is_paused = is_paused
            kind = "operator_paused_schedule" if is_paused else "operator_resumed_schedule"
            note(uow, operator, kind, schedule=schedule_id)


def run_schedule(operator: Operator, schedule_id: str) -> None:
    """Queues the schedule's work now, also while it is paused; raises `NotFound` and `AlreadyWaiting`."""
    with unit_of_work(NoScope(operator.request_id)) as uow:
        schedule = _get_schedule(uow, schedule_id)
        work = uow.repository(InstanceWorkRepository)
        if work.waits(schedule.kind):
            raise AlreadyWaiting
        work.queue(schedule.kind, f"by hand {now().isoformat()}")
        note(uow, operator, "operator_ran_schedule", schedule=schedule_id)
        uow.after_commit(lambda: wake(QUEUE))


def _get_schedule(uow: UnitOfWork, schedule_id: str) -> Schedule:
    schedule = None if "\x00" in schedule_id else uow.repository(InstanceWorkRepository).find_schedule(schedule_id)
    if schedule is None:
        raise NotFound("schedule")
    return schedule
