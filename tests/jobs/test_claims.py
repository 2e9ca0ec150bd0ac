from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import (
    MAX_LOST_LEASES,
    UNKNOWN_KIND,
    LostLease,
    QueueName,
    claim_next,
    finish,
    renew_lease,
)
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import get_document
from clasio_backend.models.documents import Outcome
from jobs.control import take_back_expired
from jobs.runner import run_claimed
from tests import cast, factories
from tests.cast import Actor
from tests.jobs.conftest import queue_job
from tests.servers import Servers
from tests.worker import Worker

CAP = 8


def claim(cap: int = CAP, queue: QueueName = QueueName.FAST) -> Claim | None:
    found = claim_next(queue, cap)
    return found[0] if found else None


def claimed(cap: int = CAP, queue: QueueName = QueueName.FAST) -> Claim:
    found = claim(cap, queue)
    assert found is not None
    return found


def test_the_more_urgent_job_comes_first_then_the_older(owner: Actor) -> None:
    later, earlier, urgent = queue_job(owner), queue_job(owner), queue_job(owner, priority=1)
    assert [claimed().job_id for _ in range(3)] == [urgent, later, earlier]
    assert claim() is None


def test_a_busy_organization_does_not_keep_another_waiting(owner: Actor, other_tenant: Actor) -> None:
    for _ in range(6):
        queue_job(owner)
    queue_job(other_tenant)
    queue_job(other_tenant)
    order = [claimed().organization_id for _ in range(4)]
    assert Counter(order) == {owner.organization_id: 2, other_tenant.organization_id: 2}


def test_organizations_take_turns_however_long_their_queues_are(owner: Actor, other_tenant: Actor) -> None:
    """With one worker nobody has a job running when it asks for the next one."""
    late = cast.owner("Lana Late")
    for actor, jobs in ((owner, 6), (other_tenant, 6), (late, 2)):
        for _ in range(jobs):
            queue_job(actor)
    order = []
    for _ in range(6):
        found = claimed()
        order.append(found.organization_id)
        with unit_of_work(system_scope(found.organization_id, "test")) as uow:
            finish(uow, found)
    everybody = {owner.organization_id, other_tenant.organization_id, late.organization_id}
    assert set(order[:3]) == set(order[3:]) == everybody


def test_an_organization_never_runs_more_than_its_cap(owner: Actor, other_tenant: Actor) -> None:
    for _ in range(3):
        queue_job(owner)
    assert claimed(cap=2).organization_id == claimed(cap=2).organization_id == owner.organization_id
    assert claim(cap=2) is None
    theirs = queue_job(other_tenant)
    assert claimed(cap=2).job_id == theirs


def test_a_job_of_later_is_not_due(owner: Actor, servers: Servers) -> None:
    job_id = queue_job(owner)
    with servers.as_owner() as connection:
        connection.execute("UPDATE jobs SET run_after = now() + interval '1 hour' WHERE id = %s", [job_id])
    assert claim() is None
    assert gateway.due_jobs() == {}


def test_a_queue_gives_its_own_jobs_only(owner: Actor) -> None:
    queue_job(owner)
    assert claim(queue=QueueName.READ) is None


def test_workers_at_once_never_get_the_same_job(owner: Actor, other_tenant: Actor) -> None:
    jobs = {queue_job(actor) for actor in (owner, other_tenant) for _ in range(20)}

    def take_all(_: int) -> list[Claim]:
        taken: list[Claim] = []
        while (found := claim(cap=1_000)) is not None:
            taken.append(found)
        return taken

    with ThreadPoolExecutor(8) as pool:
        claims = [found for taken in pool.map(take_all, range(8)) for found in taken]
    assert len(claims) == len(jobs)
    assert {found.job_id for found in claims} == jobs
    assert len({found.lease_token for found in claims}) == len(jobs)


def test_who_lost_the_lease_changes_nothing(owner: Actor, worker: Worker) -> None:
    job_id = queue_job(owner)
    first = claimed()
    worker.expire_lease(job_id)
    assert take_back_expired() == 1
    second = claimed()
    assert second.job_id == job_id
    assert not renew_lease(first)
    with pytest.raises(LostLease), unit_of_work(system_scope(owner.organization_id, "test")) as uow:
        finish(uow, first)
    assert worker.job(job_id)["lease_token"] == second.lease_token
    with unit_of_work(system_scope(owner.organization_id, "test")) as uow:
        finish(uow, second)
    assert worker.job(job_id)["state"] == "succeeded"


def test_the_effect_of_a_lost_lease_is_undone_with_it(owner: Actor, worker: Worker) -> None:
    document = factories.upload(owner.scope)
    taken = claim_next(QueueName.READ, CAP)
    assert taken is not None
    found, row = taken
    worker.expire_lease(found.job_id)
    take_back_expired()

    run_claimed(found, row)  # reads the whole document, then finds that the job is no longer its own
    with unit_of_work(owner.scope) as uow:
        assert get_document(uow, document.id).outcome == Outcome.PENDING
    assert worker.job(found.job_id)["state"] == "queued"
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        assert get_document(uow, document.id).outcome == Outcome.DONE


def test_a_living_worker_keeps_its_lease(owner: Actor, worker: Worker) -> None:
    job_id = queue_job(owner)
    taken = claim_next(QueueName.FAST, CAP, timedelta(seconds=1))
    assert taken is not None
    found = taken[0]
    before = worker.job(job_id)["lease_expires_at"]
    assert renew_lease(found)
    assert worker.job(job_id)["lease_expires_at"] > before + timedelta(seconds=20)
    assert take_back_expired() == 0


def test_two_controls_take_a_job_back_once(owner: Actor, worker: Worker) -> None:
    job_id = queue_job(owner)
    claimed()
    worker.expire_lease(job_id)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: take_back_expired(), range(4)))
    assert worker.job(job_id)["lost_leases"] == 1


def test_a_job_that_keeps_killing_its_worker_is_given_up(owner: Actor, worker: Worker) -> None:
    document = factories.upload(owner.scope)
    for _ in range(MAX_LOST_LEASES):
        found = claimed(queue=QueueName.READ)
        worker.expire_lease(found.job_id)
        take_back_expired()
    assert worker.job(found.job_id)["state"] == "dead"
    assert claim(queue=QueueName.READ) is None
    with unit_of_work(owner.scope) as uow:
        given_up = get_document(uow, document.id)
    assert given_up.outcome == Outcome.FAILED
    assert given_up.stage_error is not None


def of_a_newer_version(servers: Servers, job_id: UUID) -> None:
    """As an upgrade leaves it that was taken back: the row's kind is nothing to us."""
    with servers.as_owner() as connection:
        connection.execute("UPDATE jobs SET kind = 'newer.kind' WHERE id = %s", [job_id])


def test_a_kind_that_only_a_newer_version_knows_holds_nobody_up_and_is_kept(
    owner: Actor, worker: Worker, servers: Servers
) -> None:
    newer = [queue_job(owner, priority=1) for _ in range(3)]
    known = queue_job(owner)
    for job_id in newer:
        of_a_newer_version(servers, job_id)
    assert claimed().job_id == known
    for job_id in newer:
        job = worker.job(job_id)
        assert (job["state"], job["attempts"], job["last_error"]) == ("queued", 0, UNKNOWN_KIND)
        assert job["run_after"] > now()
        assert job["lease_token"] is None


def test_a_job_of_a_newer_version_outlives_its_lost_leases(owner: Actor, worker: Worker, servers: Servers) -> None:
    job_id = queue_job(owner)
    claimed()
    of_a_newer_version(servers, job_id)
    with servers.as_owner() as connection:
        connection.execute("UPDATE jobs SET lost_leases = 50, queue = 'newer' WHERE id = %s", [job_id])
    worker.expire_lease(job_id)
    assert take_back_expired() == 1
    assert worker.job(job_id)["state"] == "queued"


def test_a_job_that_lost_its_worker_keeps_its_place(owner: Actor, worker: Worker) -> None:
    first, second = queue_job(owner), queue_job(owner)
    assert claimed().job_id == first
    worker.expire_lease(first)
    take_back_expired()
    assert [claimed().job_id, claimed().job_id] == [first, second]
