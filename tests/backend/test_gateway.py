from datetime import timedelta

import pytest

from clasio_backend.core import gateway
from clasio_backend.core.scope import NoScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.security.tokens import hash_token
from tests import factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker

WEEK = timedelta(days=7)


def test_people_are_found_by_address_whatever_its_case(owner: Actor) -> None:
    assert gateway.has_users()
    assert gateway.find_user(owner.email.title()) == owner.user_id
    assert gateway.find_user(factories.new_email("nobody")) is None


def test_sessions_and_tokens_are_found_by_hash_alone(owner: Actor) -> None:
    with unit_of_work(NoScope()) as uow:
        session = gateway.find_session(uow, hash_token(owner.cookie), WEEK)
        token = gateway.find_api_token(uow, hash_token(owner.api_token))
        assert session is not None
        assert session.user_id == owner.user_id
        assert token is not None
        assert (token.user_id, token.organization_id) == (owner.user_id, owner.organization_id)
        assert gateway.find_session(uow, hash_token(owner.api_token), WEEK) is None
        assert gateway.find_session(uow, hash_token(owner.cookie), timedelta(0)) is None
        assert gateway.find_api_token(uow, hash_token(owner.cookie)) is None


def test_all_living_organizations_are_listed(owner: Actor, other_tenant: Actor, servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute("UPDATE organizations SET deleted_at = now() WHERE id = %s", [other_tenant.organization_id])
    ids = gateway.organization_ids()
    assert owner.organization_id in ids
    assert other_tenant.organization_id not in ids


def test_due_work_is_counted_by_queue_across_organizations(owner: Actor, outsider: Actor, worker: Worker) -> None:
    assert gateway.due_jobs() == {}
    factories.upload(owner.scope)
    factories.upload(outsider.scope)
    assert gateway.due_jobs() == {"read": 2}


@pytest.mark.parametrize(
    ("state", "days", "is_removed"),
    [
        ("succeeded", 29, False),
        ("succeeded", 31, True),
        ("cancelled", 31, True),
        ("failed", 89, False),
        ("failed", 91, True),
        ("dead", 1000, False),
    ],
)
def test_finished_jobs_have_their_day(  # noqa: PLR0917  # a state, its age and what becomes of it
    owner: Actor, worker: Worker, servers: Servers, state: str, days: int, is_removed: bool
) -> None:
    factories.upload(owner.scope)
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE jobs SET state = %s, finished_at = now() - make_interval(days => %s) WHERE organization_id = %s",
            [state, days, owner.organization_id],
        )
    while gateway.remove_expired(1000):
        pass
    assert (worker.jobs_of(owner.organization_id) == []) is is_removed


def test_what_had_its_day_is_removed_in_batches(owner: Actor, servers: Servers) -> None:
    while gateway.remove_expired(1000):  # what other tests left
        pass
    with servers.as_owner() as connection:
        connection.execute(
            "INSERT INTO sessions (id, token_hash, user_id, expires_at)"
            " SELECT gen_random_uuid(), sha256(n::text::bytea), %s, now() - interval '1 hour'"
            " FROM generate_series(1, 5) n",
            [owner.user_id],
        )
        connection.execute(
            "INSERT INTO pending_sign_ins (id, token_hash, user_id, expires_at)"
            " VALUES (gen_random_uuid(), '\\x01', %s, now() - interval '1 second')",
            [owner.user_id],
        )
        connection.execute(
            "UPDATE jobs SET state = 'succeeded', finished_at = now() - interval '31 days' WHERE organization_id = %s",
            [owner.organization_id],
        )
        assert gateway.remove_expired(3) == 4
        assert gateway.remove_expired(3) == 2
        assert gateway.remove_expired(3) == 0
        row = connection.execute("SELECT count(*) FROM sessions WHERE user_id = %s", [owner.user_id]).fetchone()
    assert row == (1,)  # the living one stays
