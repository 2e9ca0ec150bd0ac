"""A worker: `python -m jobs.worker --queues read,fast`. Its queues are listed most urgent first.

It works in this process, without a fork for each job: everything that touches untrusted bytes runs in the reading
sandbox, and a job's lease in Postgres, not RQ's books, says who has it.
"""

import argparse
import os
from collections.abc import Sequence

from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import QueueName
from clasio_backend.core.redis import JOBS_DATABASE, connect
from clasio_backend.documents.reading import shut_down, warm_up
from jobs import runner  # noqa: F401  # loads the handlers before the first wake-up, which then costs milliseconds
from jobs.process import background_process

WORKER_TTL_SECONDS = 60


def work(queues: Sequence[QueueName]) -> None:
    """Works until SIGTERM; the job in hand is finished first."""
    # The worker changes its connection's timeouts, so it has one of its own.
    connection = connect(JOBS_DATABASE, socket_timeout=WORKER_TTL_SECONDS + 10)
    rq_queues = [Queue(queue.value, connection=connection, serializer=JSONSerializer) for queue in queues]
    worker = SimpleWorker(
        rq_queues,
        name=f"clasio-{new_id().hex}",
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_SECONDS,
        maintenance_interval=60,
        log_job_description=False,
    )
    worker.work(with_scheduler=False, logging_level="WARNING")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="jobs.worker", description=__doc__)
    parser.add_argument("--queues", default=",".join(QueueName), help="comma-separated, most urgent first")
    parser.add_argument("--nice", type=int, default=0, help="how much it gives way to other processes (0 to 19)")
    wanted = parser.parse_args(arguments)
    names = [QueueName(name.strip()) for name in wanted.queues.split(",")]
    os.nice(wanted.nice)
    with background_process("worker", names):
        warm_up()
        try:
            work(names)
        finally:
            shut_down()


if __name__ == "__main__":
    main()
