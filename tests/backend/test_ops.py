"""What operators see of the whole instance, and what they do with dead jobs."""

from uuid import UUID

import pytest

from clasio_backend.core import gateway
from clasio_backend.core.errors import NotFound, NotSignedIn
from clasio_backend.core.ids import new_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import get_document
from clasio_backend.documents.trash import trash_document
from clasio_backend.models.documents import Outcome
from clasio_backend.ops.access import authorize_operator, authorize_operator_token, command_line
from clasio_backend.ops.dead import (
    drop_dead_job,
    drop_dead_jobs,
    list_dead_jobs,
    retry_dead_job,
    retry_dead_jobs,
)
from clasio_backend.ops.errors import CannotRetry, DeadJobNotFound
from clasio_backend.ops.schemas import DeadFilter, DeadQuery, DeadRow, OpsQuery
from clasio_backend.ops.security import list_security_events
from clasio_backend.ops.service import read_ops, read_versions
from clasio_backend.ops.tokens import create_operator_token, list_operator_tokens, revoke_operator_token
from jobs import clean_up
from tests import factories
from tests.cast import Actor
from tests.operating import CAUSE, STACK, as_operator, dead_job, dead_mail, events_of
from tests.servers import Servers
from tests.worker import Worker

READING = DeadQuery(kind="documents.read")


@pytest.fixture(autouse=True)
def _no_dead_jobs_of_other_tests(worker: Worker, servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute("UPDATE jobs SET state = 'cancelled' WHERE state = 'dead'")


def dead(operator: Actor) -> dict[UUID, DeadRow]:
    return {row.id: row for row in list_dead_jobs(as_operator(operator), DeadQuery()).items}


def outcome(actor: Actor, document_id: UUID) -> Outcome:
    with unit_of_work(actor.scope) as uow:
        return get_document(uow, document_id).outcome


def test_only_people_with_the_flag_are_operators(owner: Actor, member: Actor, operator: Actor) -> None:
    assert authorize_operator(operator.cookie).user_id == operator.user_id
    for person in (owner, member):
        with pytest.raises(NotFound):
            authorize_operator(person.cookie)
    for cookie in (None, "nonsense", operator.api_token):
        with pytest.raises(NotSignedIn):
            authorize_operator(cookie)


def test_an_operator_token_works_until_it_is_revoked(operator: Actor) -> None:
    token = create_operator_token(as_operator(operator))
    found = authorize_operator_token(token, request_id="r")
    (row,) = [row for row in list_operator_tokens(found) if row.id == found.token_id]
    assert token.endswith(row.hint)
    assert row.last_used_at is not None
    revoke_operator_token(found, row.id)
    with pytest.raises(NotSignedIn):
        authorize_operator_token(token, request_id="r")
    with pytest.raises(NotFound):
        revoke_operator_token(found, row.id)
    assert row.id not in {each.id for each in list_operator_tokens(command_line())}


def test_queues_say_what_is_due_what_waits_and_since_when(owner: Actor, operator: Actor, servers: Servers) -> None:
    factories.upload(owner.scope)
    later = factories.upload(owner.scope)
    with servers.as_owner() as connection:
        connection.execute("UPDATE jobs SET run_after = now() + interval '1 hour' WHERE document_id = %s", [later.id])
    queues = {row.queue: row for row in read_ops(as_operator(operator)).queues}
    assert set(queues) == {"read", "fast", "thorough", "sync", "bulk", "control"}
    read = queues["read"]
    assert (read.due, read.later, read.running, read.paused_at) == (1, 1, 0, None)
    assert read.oldest_due_at is not None
    assert (queues["fast"].due, queues["fast"].oldest_due_at) == (0, None)


def test_a_running_job_is_seen_with_its_progress_and_without_names(
    owner: Actor, operator: Actor, servers: Servers
) -> None:
    document = factories.upload(owner.scope, "very secret name.txt")
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE jobs SET state = 'running', started_at = now(), lease_expires_at = now() + interval '1 minute',"
            """ progress = '{"done": 3, "total": 7}' WHERE document_id = %s""",
            [document.id],
        )
    found = read_ops(as_operator(operator))
    (row,) = [row for row in found.running if row.organization_id == owner.organization_id]
    assert (row.kind, row.queue, row.done, row.total) == ("documents.read", "read", 3, 7)
    assert "very secret name" not in repr(found)


def test_dead_jobs_say_their_cause(owner: Actor, operator: Actor, servers: Servers) -> None:
    job_id, _ = dead_job(owner, servers)
    row = dead(operator)[job_id]
    assert (row.kind, row.attempts, row.cause, row.stack) == ("documents.read", 3, CAUSE, STACK)
    assert [(kind.kind, kind.jobs) for kind in read_ops(as_operator(operator)).dead] == [("documents.read", 1)]


def test_dead_jobs_are_paged_by_cursor_and_filtered_by_kind(owner: Actor, operator: Actor, servers: Servers) -> None:
    made = {dead_job(owner, servers)[0] for _ in range(5)}
    dead_mail(owner, servers)
    seen: list[UUID] = []
    cursor = None
    while True:
        page = list_dead_jobs(as_operator(operator), DeadQuery(kind="documents.read", limit=2, cursor=cursor))
        seen += [row.id for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(made)
    assert set(seen) == made


def test_a_retried_job_takes_its_document_back_into_work(
    owner: Actor, operator: Actor, servers: Servers, worker: Worker
) -> None:
    job_id, document_id = dead_job(owner, servers)
    retry_dead_job(as_operator(operator), job_id)
    assert outcome(owner, document_id) == Outcome.PENDING
    assert worker.job(job_id)["attempts"] == 0
    worker.run_all()
    assert worker.job(job_id)["state"] == "succeeded"
    assert outcome(owner, document_id) == Outcome.DONE
    assert events_of(operator, servers) == [("operator_retried_job", {"job_id": str(job_id)})]


def test_a_retry_leaves_a_document_alone_that_failed_at_another_step(
    owner: Actor, operator: Actor, servers: Servers, worker: Worker
) -> None:
    job_id, document_id = dead_job(owner, servers)
    with servers.as_owner() as connection:  # as if it had been read by another job, and its analysis had failed
        connection.execute("UPDATE documents SET searchable_at = now() WHERE id = %s", [document_id])
    retry_dead_job(as_operator(operator), job_id)
    worker.run_all()
    assert worker.job(job_id)["state"] == "succeeded"
    assert outcome(owner, document_id) == Outcome.FAILED  # and not in work for ever


def test_a_dropped_job_is_gone_and_its_document_stays_failed(
    owner: Actor, operator: Actor, servers: Servers, worker: Worker
) -> None:
    job_id, document_id = dead_job(owner, servers)
    drop_dead_job(as_operator(operator), job_id)
    assert worker.job(job_id)["state"] == "cancelled"
    assert outcome(owner, document_id) == Outcome.FAILED
    assert job_id not in dead(operator)
    assert events_of(operator, servers) == [("operator_dropped_job", {"job_id": str(job_id)})]
    for change in (retry_dead_job, drop_dead_job):
        with pytest.raises(DeadJobNotFound):
            change(as_operator(operator), job_id)


def test_a_living_job_is_no_operators_business(owner: Actor, operator: Actor, worker: Worker) -> None:
    factories.upload(owner.scope)
    (job,) = worker.jobs_of(owner.organization_id)
    for change in (retry_dead_job, drop_dead_job):
        with pytest.raises(DeadJobNotFound):
            change(as_operator(operator), job["id"])
    assert worker.job(job["id"]) == job


def test_what_no_other_try_can_help_can_only_be_dropped(owner: Actor, operator: Actor, servers: Servers) -> None:
    mail_id = dead_mail(owner, servers)
    job_id, document_id = dead_job(owner, servers)
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, document_id)
    with servers.as_owner() as connection:  # moving it to the trash cancels only what is still to run
        connection.execute("UPDATE jobs SET state = 'dead' WHERE id = %s", [job_id])
    for each in (mail_id, job_id):
        with pytest.raises(CannotRetry):
            retry_dead_job(as_operator(operator), each)
    assert dead(operator)[mail_id].keeps_from_retry
    assert set(dead(operator)) == {mail_id, job_id}
    assert events_of(operator, servers) == []  # a refusal is no deed


def test_all_of_a_kind_are_retried_and_the_rest_is_left(
    owner: Actor, other_tenant: Actor, operator: Actor, servers: Servers, worker: Worker
) -> None:
    jobs = [dead_job(actor, servers)[0] for actor in (owner, owner, other_tenant)]
    mail_id = dead_mail(owner, servers)
    done = retry_dead_jobs(as_operator(operator), DeadFilter(kind="documents.read"))
    assert (done.changed, done.left) == (3, 0)
    worker.run_all()
    assert {worker.job(job_id)["state"] for job_id in jobs} == {"succeeded"}
    done = retry_dead_jobs(as_operator(operator), DeadFilter())
    assert (done.changed, done.left) == (0, 1)
    assert set(dead(operator)) == {mail_id}


def test_all_are_dropped(owner: Actor, operator: Actor, servers: Servers, worker: Worker) -> None:
    jobs = [dead_job(owner, servers)[0], dead_mail(owner, servers)]
    done = drop_dead_jobs(as_operator(operator), DeadFilter())
    assert (done.changed, done.left) == (2, 0)
    assert {worker.job(job_id)["state"] for job_id in jobs} == {"cancelled"}
    assert gateway.due_jobs() == {}


def test_a_dead_job_of_the_instance_is_retried_and_dropped(operator: Actor, servers: Servers, worker: Worker) -> None:
    with servers.as_owner() as connection:
        rows = connection.execute(
            "INSERT INTO instance_jobs (id, kind, queue, idempotency_key, state, attempts, finished_at, last_error)"
            " SELECT gen_random_uuid(), 'instance.clean_up', 'control', n::text, 'dead', 3, now(), 'ValueError()'"
            " FROM generate_series(1, 2) n RETURNING id"
        ).fetchall()
    (first,), (second,) = rows
    assert {dead(operator)[each].organization_id for each in (first, second)} == {None}
    retry_dead_job(as_operator(operator), first)
    drop_dead_job(as_operator(operator), second)
    worker.run_all()
    with servers.as_owner() as connection:
        states = dict(connection.execute("SELECT id, state FROM instance_jobs WHERE id = ANY(%s)", [[first, second]]))
    assert states == {first: "succeeded", second: "cancelled"}


def test_security_events_say_who_and_what_page_by_page(owner: Actor, operator: Actor, servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute("DELETE FROM security_events")  # those of other tests are as new
        connection.execute(
            "INSERT INTO security_events (id, kind, user_id, ip_address, request_id, at)"
            " SELECT gen_random_uuid(), 'sign_in_failed', %s, '203.0.113.7', 'r', now() - n * interval '1 second'"
            " FROM generate_series(1, 5) n",
            [owner.user_id],
        )
    create_operator_token(as_operator(operator))
    first = list_security_events(as_operator(operator), OpsQuery(limit=3))
    assert (first.items[0].who, first.items[0].sentence) == (operator.email, "created an operator token")
    assert {(row.who, row.ip_address) for row in first.items[1:]} == {(owner.email, "203.0.113.7")}
    second = list_security_events(as_operator(operator), OpsQuery(limit=3, cursor=first.next_cursor))
    assert not {row.id for row in first.items} & {row.id for row in second.items}
    assert first.items[-1].at >= second.items[0].at


def test_versions_are_of_what_runs(operator: Actor) -> None:
    versions = {row.name: row.version for row in read_versions(as_operator(operator))}
    assert set(versions) == {"Clasio", "Python", "Postgres", "Valkey"}
    assert all(version[0].isdecimal() for version in versions.values())


def test_security_events_are_kept_for_90_days(servers: Servers) -> None:
    kinds = [f"test {new_id().hex}" for _ in range(2)]
    with servers.as_owner() as connection:
        for kind, days in zip(kinds, (91, 89), strict=True):
            connection.execute(
                "INSERT INTO security_events (id, at, kind, request_id)"
                " VALUES (gen_random_uuid(), now() - make_interval(days => %s), %s, 'test')",
                [days, kind],
            )
        clean_up.remove_activity()
        left = connection.execute("SELECT kind FROM security_events WHERE kind = ANY(%s)", [kinds]).fetchall()
    assert left == [(kinds[1],)]
