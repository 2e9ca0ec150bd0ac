"""A real worker process is killed in the middle of a job."""

import signal

from clasio_backend.core.job_queue import QueueName, wake
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import get_document
from clasio_backend.models.documents import Outcome
from jobs.control import take_back_expired, top_up_wake_ups
from tests import factories
from tests.cast import Actor
from tests.jobs.processes import PATIENCE_SECONDS, is_in_the_way, wait_for, worker_process
from tests.servers import Servers
from tests.worker import Worker


def states(worker: Worker, actor: Actor) -> list[str]:
    return [job["state"] for job in worker.jobs_of(actor.organization_id)]


def test_the_job_of_a_killed_worker_is_done_elsewhere_exactly_once(
    owner: Actor, worker: Worker, servers: Servers
) -> None:
    document = factories.upload(owner.scope)
    with servers.as_owner() as blocking, worker_process(servers, "read") as first:
        # Holding the document's row keeps the worker in the middle of its job: it has read, and wants to write.
        with blocking.transaction():
            blocking.execute("SELECT 1 FROM documents WHERE id = %s FOR UPDATE", [document.id])
            wait_for(lambda: states(worker, owner) == ["running"])
            wait_for(lambda: is_in_the_way(servers, blocking))
            first.kill()
            first.wait(PATIENCE_SECONDS)
        assert states(worker, owner) == ["running"]
    job = worker.jobs_of(owner.organization_id)[0]
    worker.expire_lease(job["id"])
    assert take_back_expired() == 1
    with worker_process(servers, "read,fast") as second:
        top_up_wake_ups()
        wait_for(lambda: states(worker, owner) == ["succeeded", "succeeded"])
        wake(QueueName.READ)  # a wake-up too many does nothing
        second.send_signal(signal.SIGTERM)
        assert second.wait(PATIENCE_SECONDS) == 0
    with unit_of_work(owner.scope) as uow:
        assert get_document(uow, document.id).outcome == Outcome.DONE
    with servers.as_owner() as connection:
        rows = connection.execute("SELECT count(*) FROM analyses WHERE document_id = %s", [document.id]).fetchone()
    assert rows == (1,)
    assert [job["lost_leases"] for job in worker.jobs_of(owner.organization_id)] == [1, 0]
