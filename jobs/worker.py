"""A worker: `python -m jobs.worker --queues read,fast`. Its queues are listed most urgent first.

It works in this process, without a fork for each job: everything that touches untrusted bytes runs in the reading
sandbox, and a job's lease in Postgres, not RQ's books, says who has it.
"""

import argparse
import logging
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import QueueName
from clasio_backend.core.redis import JOBS_DATABASE, connect, shared
from clasio_backend.core.waiting import wait_for_redis
from clasio_backend.documents.reading import shut_down, warm_up
from jobs import runner  # noqa: F401  # loads the handlers before the first wake-up, which then costs milliseconds
from jobs.lease import stop_within
from jobs.process import background_process

log = logging.getLogger(__name__)
WORKER_TTL_SECONDS = 60
STOP_SECONDS = 15.0
"""How long the job in hand may still take: less than supervisors wait before they kill."""


class Worker(SimpleWorker):
    """RQ's loop, which ends in time whatever the job in hand or Redis does."""

    max_connection_wait_time = 2.0

    def request_stop(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002  # a signal handler's
        """At the first signal the job in hand gets `STOP_SECONDS`, at a second it is given back at once.

        Nothing here asks Redis, as RQ's own does: an error would be raised in the middle of the job.
        """
        signal.signal(signal.SIGINT, self.request_force_stop)
        signal.signal(signal.SIGTERM, self.request_force_stop)
        stop_within(STOP_SECONDS)
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002  # as above
        stop_within(0)

    @property
    def was_asked_to_stop(self) -> bool:
        return bool(self._stop_requested)

    def register_death(self) -> None:
        """What it would say to Redis runs out by itself."""
        with suppress(RedisError):
            super().register_death()  # type: ignore[no-untyped-call]

    def unsubscribe(self) -> None:
        with suppress(RedisError):
            super().unsubscribe()  # type: ignore[no-untyped-call]


def work(queues: Sequence[QueueName]) -> None:
    """Works until SIGTERM; the job in hand is finished first, or goes to another worker.

    RQ's loop ends when Redis does not answer: this waits until it does, and begins again.
    """
    with suppress(StopRequested):  # asked to while it waits
        wait_for_redis()
        while not _work_while_redis_answers(queues):
            log.warning("redis_away")
            wait_for_redis()


def _work_while_redis_answers(queues: Sequence[QueueName]) -> bool:
    """False when Redis is away, and that is why it ended."""
    # The worker changes its connection's timeouts, so it has one of its own.
    connection = connect(JOBS_DATABASE, socket_timeout=WORKER_TTL_SECONDS + 10)
    rq_queues = [Queue(queue.value, connection=connection, serializer=JSONSerializer) for queue in queues]
    worker = Worker(
        rq_queues,
        name=f"clasio-{new_id().hex}",
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_SECONDS,
        maintenance_interval=60,
        log_job_description=False,
    )
    try:
        worker.work(with_scheduler=False, logging_level="WARNING")
        return worker.was_asked_to_stop or bool(shared(JOBS_DATABASE).ping())
    except RedisError:
        return worker.was_asked_to_stop


def _queues(names: str) -> list[QueueName]:
    try:
        return [QueueName(name.strip()) for name in names.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; there are: {', '.join(QueueName)}") from error


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="jobs.worker", description=__doc__)
    parser.add_argument("--queues", type=_queues, default=list(QueueName), help="comma-separated, most urgent first")
    parser.add_argument("--nice", type=int, default=0, help="how much it gives way to other processes (0 to 19)")
    wanted = parser.parse_args(arguments)
    os.nice(wanted.nice)
    with background_process("worker", wanted.queues):
        warm_up()
        try:
            work(wanted.queues)
        finally:
            shut_down()


if __name__ == "__main__":
    main()
