"""Every kind of job, found by looking: run for a stranger with the owner's ids, it shows and changes nothing of theirs.

A job of the instance works for every organization; there the question is whether one gets hold of another's.
"""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from clasio_backend.core import job_queue
from clasio_backend.core.clock import now
from clasio_backend.core.errors import ClasioError
from clasio_backend.core.gateway import Claim
from clasio_backend.core.ids import new_id
from clasio_backend.core.instance_jobs import InstanceJobKind
from clasio_backend.core.job_queue import JobKind, JobRow, claim_next, enqueue
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.trash import KEPT_FOR
from clasio_backend.usage.budget import reserve
from clasio_backend.usage.plans import Meter
from jobs.handlers import HANDLERS, INSTANCE_HANDLERS
from tests import factories
from tests.cast import Actor
from tests.owned import SECRET, Owned, Untouched
from tests.scanning import RealClamd
from tests.servers import Servers
from tests.worker import Worker

ANY_NUMBER = 1_000
OLD_RENDERING = (
    "INSERT INTO renderings (organization_id, document_id, page, kind, version, created_at)"
    " SELECT organization_id, id, 1, 'page', '1', now() - interval '31 days' FROM documents"
)


@pytest.fixture
def payload(owner: Actor, owned: Owned, servers: Servers, scanner: RealClamd) -> dict[str, str]:
    """By its key in the payload: what the owner has. A new key has to be given a value here."""
    with servers.as_owner() as connection:
        row = connection.execute("SELECT sha256 FROM documents WHERE id = %s", [owned.ids["document_id"]]).fetchone()
    assert row is not None
    others = {"sha256": str(row[0]), "until": (now() + timedelta(days=1)).isoformat(), "mode": "fast"}
    others["which"] = "other_databases"
    return {name: str(value) for name, value in owned.ids.items()} | others


def taken(actor: Actor, kind: JobKind, payload: dict[str, str]) -> tuple[Claim, JobRow]:
    """A job in the actor's own organization, claimed as a worker claims it."""
    with unit_of_work(actor.scope) as uow:
        enqueue(uow, kind, new_id().hex, payload=payload, priority=0)
    found = claim_next(job_queue.QUEUE_OF[kind], ANY_NUMBER)
    assert found is not None
    assert (found[0].organization_id, found[1].kind) == (actor.organization_id, kind)
    return found


def run_elsewhere(actor: Actor, kind: JobKind, payload: dict[str, str]) -> None:
    """Both ways a job can end: it does its work, or it is given up."""
    for end in ("run", "give_up"):
        claim, job = taken(actor, kind, payload)
        scope = system_scope(actor.organization_id, "test")
        try:
            if end == "run":
                HANDLERS[kind].run(scope, claim, job)
            else:
                with unit_of_work(scope) as uow:
                    HANDLERS[kind].give_up(uow, job, "given up by the test")
        except ClasioError as refused:
            assert refused.status == 404, refused  # noqa: PT017  # doing nothing is fine too


def written_by(servers: Servers, organization_id: UUID) -> Iterator[str]:
    """All rows of an organization as text, but for its jobs: their payloads are what the test put there."""
    rows = Untouched(servers, organization_id).before
    for table, lines in rows.items():
        if table != "jobs":
            yield from lines


def test_every_kind_is_found() -> None:
    assert set(HANDLERS) == set(JobKind)
    assert set(INSTANCE_HANDLERS) == set(InstanceJobKind)


@pytest.mark.parametrize("kind", JobKind)
def test_a_job_run_elsewhere_neither_shows_nor_changes_an_owners_rows(  # noqa: PLR0917
    kind: JobKind,
    other_tenant: Actor,
    payload: dict[str, str],
    owned: Owned,
    worker: Worker,
    untouched: Untouched,
    servers: Servers,
) -> None:
    worker.run_all()
    run_elsewhere(other_tenant, kind, payload)
    untouched.check(kind)
    assert owned.leaks_into("\n".join(written_by(servers, other_tenant.organization_id))) == set()


def test_one_guard_alone_is_enough_for_every_job(  # noqa: PLR0917
    one_guard: str,
    other_tenant: Actor,
    payload: dict[str, str],
    owned: Owned,
    worker: Worker,
    untouched: Untouched,
    servers: Servers,
) -> None:
    worker.run_all()
    for kind in JobKind:
        run_elsewhere(other_tenant, kind, payload)
        untouched.check(kind)
    assert owned.leaks_into("\n".join(written_by(servers, other_tenant.organization_id))) == set()


@pytest.fixture
def due(owner: Actor, owned: Owned, worker: Worker, servers: Servers, scanner: RealClamd) -> None:
    """Something of the owner's for every job of the instance to do; a new kind has to be given its matter here.

    It came in without the scanner, which is on from now.
    """
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        reserve(uow, new_id(), {Meter.FAST_ANALYSES: 1})
    with servers.as_owner() as connection:
        for statement in (
            "UPDATE usage_reservations SET expires_at = now() - interval '1 minute'",
            "UPDATE documents SET deleted_at = deleted_at - 2 * %(kept)s",
            "UPDATE usage_counters SET used = used + 7",
            "UPDATE shares SET created_at = now() - interval '9 days', expires_at = now() + interval '1 day'",
            "UPDATE activity SET at = now() - interval '91 days'",
            "UPDATE mails SET created_at = now() - interval '31 days'",
            "UPDATE exports SET expires_at = now() - interval '1 day'",
            OLD_RENDERING,
        ):
            values = {"owner": owner.organization_id, "kept": KEPT_FOR}
            done = connection.execute(f"{statement} WHERE organization_id = %(owner)s".encode(), values)
            assert done.rowcount > 0, statement


def run_for_all(kind: InstanceJobKind, other: Actor, owner: Actor, servers: Servers) -> None:
    if kind == InstanceJobKind.DELETIONS:  # an organization that is to go is left alone by the other jobs
        with servers.as_owner() as connection:
            connection.execute(
                "UPDATE organizations SET deletion_due_at = now() WHERE id = %s", [owner.organization_id]
            )
    others, owners = (Untouched(servers, actor.organization_id) for actor in (other, owner))
    INSTANCE_HANDLERS[kind]()
    others.check(kind)
    with pytest.raises(AssertionError, match="changed by"):
        owners.check(kind)  # it did something


@pytest.mark.parametrize("kind", InstanceJobKind)
def test_a_job_of_the_instance_keeps_organizations_apart(  # noqa: PLR0917
    kind: InstanceJobKind,
    owner: Actor,
    owned: Owned,
    due: None,
    other_tenant: Actor,
    worker: Worker,
    servers: Servers,
) -> None:
    worker.run_all()
    run_for_all(kind, other_tenant, owner, servers)


def test_one_guard_alone_is_enough_for_every_job_of_the_instance(  # noqa: PLR0917
    one_guard: str,
    owner: Actor,
    owned: Owned,
    due: None,
    other_tenant: Actor,
    worker: Worker,
    servers: Servers,
) -> None:
    worker.run_all()
    for kind in sorted(InstanceJobKind, key=lambda each: each == InstanceJobKind.DELETIONS):  # nothing is left then
        run_for_all(kind, other_tenant, owner, servers)


def test_a_job_that_is_run_for_its_own_organization_does_its_work(owner: Actor, worker: Worker) -> None:
    """The tests above would pass with handlers that do nothing."""
    document = factories.upload(owner.scope, f"{SECRET}.txt", "Invoice over 12,00 EUR")
    claim, job = taken(owner, JobKind.READ_DOCUMENT, {"document_id": str(document.id)})
    HANDLERS[JobKind.READ_DOCUMENT].run(system_scope(owner.organization_id, "test"), claim, job)
    assert worker.jobs_of(owner.organization_id)[-1]["kind"] == JobKind.ANALYSE_DOCUMENT
