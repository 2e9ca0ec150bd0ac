"""Why a document's next step has not begun, as its members read it; and what they do when it did not work."""

from collections.abc import Iterator

import pytest

from clasio_backend.core.job_queue import QueueName
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentDetail, DocumentRow
from clasio_backend.documents.service import get_document, retry_document
from clasio_backend.models.documents import Outcome
from clasio_backend.ops.controls import pause_queue, resume_queue
from tests import factories
from tests.cast import Actor
from tests.operating import as_operator, dead_job
from tests.servers import Servers
from tests.worker import Worker


@pytest.fixture(autouse=True)
def _as_it_was(servers: Servers, worker: Worker) -> Iterator[None]:
    yield
    with servers.as_owner() as connection:
        connection.execute("DELETE FROM paused_queues")


def detail(actor: Actor, document: DocumentRow) -> DocumentDetail:
    with unit_of_work(actor.scope) as uow:
        return get_document(uow, document.id)


def test_a_document_waits_for_its_turn_and_then_for_nothing(owner: Actor, worker: Worker) -> None:
    document = factories.upload(owner.scope)
    assert detail(owner, document).waiting == "Waits for its turn."
    worker.run_all()
    assert detail(owner, document).waiting is None


def test_members_are_told_of_a_paused_queue(owner: Actor, member: Actor, operator: Actor) -> None:
    document = factories.upload(owner.scope)
    pause_queue(as_operator(operator), QueueName.READ)
    waiting = detail(member, document).waiting
    assert waiting is not None
    assert "paused" in waiting
    resume_queue(as_operator(operator), QueueName.READ)
    assert detail(member, document).waiting == "Waits for its turn."


def test_members_are_told_that_another_try_follows(owner: Actor, servers: Servers) -> None:
    document = factories.upload(owner.scope)
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE jobs SET attempts = 1, run_after = now() + interval '4 seconds' WHERE document_id = %s",
            [document.id],
        )
    assert detail(owner, document).waiting == "Try 1 of 3 did not work. The next follows by itself."


def test_a_member_retries_a_document_whose_job_is_dead(
    owner: Actor, member: Actor, servers: Servers, worker: Worker
) -> None:
    _, document_id = dead_job(owner, servers)
    with unit_of_work(member.scope) as uow:
        failed = get_document(uow, document_id)
        assert failed.stage_error is not None
        assert failed.stage_error.message == "It did not work."
        retry_document(uow, document_id)
    worker.run_all()
    assert detail(member, failed).outcome == Outcome.DONE
