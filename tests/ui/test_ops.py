"""The page Ops as an operator uses it: what it shows, what its buttons do, and what it asks first."""

from collections.abc import Iterator

import pytest

from clasio_backend.core import gateway
from clasio_backend.core.errors import NotFound
from clasio_backend.ops.errors import CannotRetry
from clasio_backend.ops.scanner import _version
from clasio_ui.state.frame import FrameState
from clasio_ui.state.ops import OpsState, SecurityState
from jobs.schedules import register_all
from tests import factories
from tests.cast import Actor
from tests.operating import CAUSE, dead_job, dead_mail
from tests.scanning import RealClamd
from tests.servers import Servers
from tests.ui.pages import opened, run
from tests.worker import Worker


@pytest.fixture(autouse=True)
def _as_it_was(servers: Servers, worker: Worker) -> Iterator[None]:
    register_all()
    with servers.as_owner() as connection:
        connection.execute("UPDATE jobs SET state = 'cancelled' WHERE state = 'dead'")
    yield
    with servers.as_owner() as connection:
        connection.execute("DELETE FROM paused_queues")
        connection.execute("UPDATE schedules SET is_paused = false")


@pytest.fixture
def page(operator: Actor) -> OpsState:
    page = opened(OpsState, operator, "/ops")
    assert isinstance(page, OpsState)
    return page


def notices(page: OpsState) -> list[str]:
    root = page
    while root.parent_state is not None:
        root = root.parent_state
    return [notice.text for notice in root.get_substate(FrameState.get_full_name().split(".")).notices]


def test_it_shows_dead_jobs_with_their_cause_and_no_names(owner: Actor, page: OpsState, servers: Servers) -> None:
    factories.upload(owner.scope, "very secret name.txt")
    job_id, _ = dead_job(owner, servers)
    run(page, "load", {})
    (item,) = page.dead
    assert (item.id, item.kind, item.cause, item.tries) == (str(job_id), "documents.read", CAUSE, "3 tries")
    assert [kind.label for kind in page.kinds] == ["documents.read (1)"]
    assert "dead_jobs" in {problem.code for problem in page.problems}
    assert [queue.due for queue in page.queues if queue.name == "read"] == ["1"]
    assert "very secret name" not in repr(page.dict())


def test_looking_again_sends_nothing_while_nothing_changed(owner: Actor, page: OpsState, servers: Servers) -> None:
    dead_job(owner, servers)
    run(page, "load", {})
    page._clean()
    run(page, "load", {})
    assert not {"problems", "queues", "dead", "schedules", "workers", "versions"} & set(page.dirty_vars)


def test_one_job_is_retried_at_once_and_dropped_only_when_asked(
    owner: Actor, page: OpsState, servers: Servers, worker: Worker
) -> None:
    (first, _), (second, _) = dead_job(owner, servers), dead_job(owner, servers)
    run(page, "load", {})
    run(page, "retry", {"job_id": str(first)})
    assert worker.job(first)["state"] == "queued"
    run(page, "do_asked", {})
    assert worker.job(second)["state"] == "dead"  # nothing was asked
    run(page, "ask", {"what": "drop", "job_id": str(second)})
    assert (page.asking, page.asked_kind) == ("drop", "documents.read")
    run(page, "do_asked", {})
    assert worker.job(second)["state"] == "cancelled"
    assert (page.asking, page.dead) == ("", [])
    assert notices(page) == ["The job is queued again.", "The job is dropped."]


def test_all_of_the_shown_kind_are_dropped(owner: Actor, page: OpsState, servers: Servers, worker: Worker) -> None:
    job_id, _ = dead_job(owner, servers)
    mail_id = dead_mail(owner, servers)
    run(page, "load", {})
    run(page, "set_kind", {"kind": "mail.send"})
    assert [item.id for item in page.dead] == [str(mail_id)]
    run(page, "ask", {"what": "drop_all", "job_id": ""})
    run(page, "do_asked", {})
    assert (worker.job(mail_id)["state"], worker.job(job_id)["state"]) == ("cancelled", "dead")
    assert notices(page) == ["1 job is dropped."]
    run(page, "set_kind", {"kind": "nonsense"})
    assert [item.id for item in page.dead] == [str(job_id)]


def test_all_are_retried_and_those_that_cannot_be_are_counted(owner: Actor, page: OpsState, servers: Servers) -> None:
    dead_job(owner, servers)
    mail_id = dead_mail(owner, servers)
    run(page, "load", {})
    with pytest.raises(CannotRetry):
        run(page, "retry", {"job_id": str(mail_id)})
    run(page, "ask", {"what": "retry_all", "job_id": ""})
    run(page, "do_asked", {})
    assert notices(page) == ["1 job is queued again, 1 left."]


def test_a_queue_is_paused_and_resumed(owner: Actor, page: OpsState) -> None:
    run(page, "pause_queue", {"queue": "read"})
    assert [queue.is_paused for queue in page.queues if queue.name == "read"] == [True]
    factories.upload(owner.scope)
    assert gateway.due_jobs() == {}
    run(page, "resume_queue", {"queue": "read"})
    assert gateway.due_jobs() == {"read": 1}
    with pytest.raises(NotFound):
        run(page, "pause_queue", {"queue": "nonsense"})


def test_a_schedule_is_paused_resumed_and_run(page: OpsState, worker: Worker) -> None:
    def shown() -> tuple[bool, str, str]:
        item = next(item for item in page.schedules if item.id == "clean-up")
        return item.is_paused, item.every, item.result

    run(page, "pause_schedule", {"schedule_id": "clean-up"})
    assert shown()[:2] == (True, "every hour")
    run(page, "resume_schedule", {"schedule_id": "clean-up"})
    run(page, "run_schedule", {"schedule_id": "clean-up"})
    worker.run_all()
    run(page, "load", {})
    assert shown() == (False, "every hour", "Worked")


def test_what_was_not_scanned_is_counted_and_scanned(
    owner: Actor, page: OpsState, worker: Worker, scanner: RealClamd, servers: Servers
) -> None:
    with servers.as_owner() as connection:
        connection.execute("UPDATE documents SET scan = 'clean' WHERE scan = 'not_scanned'")
    document_id = factories.upload(owner.scope).id
    worker.run_all()
    with servers.as_owner() as connection:
        connection.execute("UPDATE documents SET scan = 'not_scanned' WHERE id = %s", [document_id])
    _version.cache_clear()
    run(page, "load", {})
    assert (page.can_scan, page.has_not_scanned) == (True, True)
    assert page.scanner.startswith("Virus scanner: ClamAV")
    assert page.scanner.endswith(", 1 not scanned")
    run(page, "scan_not_scanned", {})
    assert notices(page)[-1].startswith("The scan of ")
    (job,) = [job for job in worker.jobs_of(owner.organization_id) if job["kind"] == "documents.scan_again"]
    assert (job["state"], job["payload"]) == ("queued", {"which": "not_scanned"})
    run(page, "scan_everything", {})
    asked = [job["payload"].get("which") for job in worker.jobs_of(owner.organization_id)]
    assert asked[-2:] == ["not_scanned", "other_databases"]


def test_security_events_say_what_operators_did(page: OpsState, operator: Actor) -> None:
    run(page, "pause_queue", {"queue": "bulk"})
    security = opened(SecurityState, operator, "/ops/security")
    run(security, "load", {})
    event = security.events[0]
    assert (event.who, event.sentence, event.detail) == (operator.email, "paused a queue", "queue bulk")


@pytest.mark.parametrize("state", [OpsState, SecurityState])
def test_to_members_the_pages_do_not_exist(owner: Actor, state: type[OpsState]) -> None:
    page = opened(state, owner, "/ops")
    run(page, "load", {})
    assert page.is_missing
