"""Jobs that died, for tests of what operators do with them."""

from uuid import UUID

from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.processing import settle_failed
from clasio_backend.ops.access import Operator
from tests import factories
from tests.cast import Actor
from tests.servers import Servers

STACK = 'Traceback (most recent call last):\n  File "reader.py", line 7, in read\nOSError: the disk was full'
CAUSE = "OSError: the disk was full"


def as_operator(actor: Actor) -> Operator:
    return Operator(actor.user_id, None, new_id().hex)


def dead_job(actor: Actor, servers: Servers) -> tuple[UUID, UUID]:
    """(job, document): a document whose reading used up its tries, as `jobs.runner` leaves it."""
    document = factories.upload(actor.scope)
    with servers.as_owner() as connection:
        row = connection.execute(
            "UPDATE jobs SET state = 'dead', attempts = 3, finished_at = now(), last_error = %s"
            " WHERE organization_id = %s AND document_id = %s RETURNING id",
            [STACK, actor.organization_id, document.id],
        ).fetchone()
    assert row is not None
    with unit_of_work(system_scope(actor.organization_id, "test")) as uow:
        settle_failed(uow, document.id, code="reading_failed", message="It did not work.")
    return row[0], document.id


def dead_mail(actor: Actor, servers: Servers) -> UUID:
    """A job that no other try can help."""
    job_id = new_id()
    with servers.as_owner() as connection:
        connection.execute(
            "INSERT INTO jobs (organization_id, id, kind, queue, idempotency_key, payload, state, finished_at)"
            " VALUES (%s, %s, 'mail.send', 'sync', %s, '{}', 'dead', now())",
            [actor.organization_id, job_id, str(job_id)],
        )
    return job_id


def events_of(actor: Actor, servers: Servers) -> list[tuple[str, dict[str, str]]]:
    """What was written down about this person, in order."""
    with servers.as_owner() as connection:
        return connection.execute(
            "SELECT kind, details FROM security_events WHERE user_id = %s ORDER BY at, id", [actor.user_id]
        ).fetchall()
