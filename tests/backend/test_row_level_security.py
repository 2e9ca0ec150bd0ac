"""The database keeps organizations apart even when the repositories' own filter is passed by: raw SQL, as the app."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
import pytest

from clasio_backend.core.ids import new_id
from tests import factories
from tests.cast import Actor
from tests.servers import Servers

TABLES_WITH_ROWS = [
    "activity",
    "analyses",
    "api_tokens",
    "blobs",
    "categories",
    "document_texts",
    "documents",
    "jobs",
    "memberships",
    "usage_counters",
]
CHANGEABLE = [table for table in TABLES_WITH_ROWS if table != "activity"]


@contextmanager
def inside(servers: Servers, organization_id: UUID | None, user_id: UUID | None = None) -> Iterator[psycopg.Connection]:
    with servers.as_app() as connection:
        connection.execute(
            "SELECT set_config('app.organization_id', %s, true), set_config('app.user_id', %s, true)",
            [str(organization_id or ""), str(user_id or "")],
        )
        yield connection
        connection.rollback()


@pytest.fixture
def two_tenants(owner: Actor, other_tenant: Actor, servers: Servers) -> tuple[Actor, Actor]:
    """Both have a row in every tenant table."""
    for actor in (owner, other_tenant):
        document = factories.upload(actor.scope)
        with servers.as_owner() as connection:
            connection.execute(
                "INSERT INTO analyses (organization_id, id, document_id, mode, source, model, content_sha256)"
                " VALUES (%s, %s, %s, 'fast', 'local', 'test', %s)",
                [actor.organization_id, new_id(), document.id, document.sha256],
            )
    return owner, other_tenant


@pytest.mark.parametrize("table", TABLES_WITH_ROWS)
def test_raw_sql_sees_only_rows_of_the_scope(servers: Servers, two_tenants: tuple[Actor, Actor], table: str) -> None:
    owner, _ = two_tenants
    with inside(servers, owner.organization_id) as connection:
        rows = connection.execute(f"SELECT DISTINCT organization_id FROM {table}".encode()).fetchall()
    assert rows == [(owner.organization_id,)]


@pytest.mark.parametrize("table", CHANGEABLE)
def test_raw_sql_changes_and_deletes_nothing_elsewhere(
    servers: Servers, two_tenants: tuple[Actor, Actor], table: str
) -> None:
    owner, other = two_tenants
    with inside(servers, owner.organization_id) as connection:
        for statement in (f"UPDATE {table} SET organization_id = organization_id", f"DELETE FROM {table}"):
            done = connection.execute(f"{statement} WHERE organization_id = %s".encode(), [other.organization_id])
            assert done.rowcount == 0


@pytest.mark.parametrize("table", CHANGEABLE)
def test_a_row_cannot_be_moved_into_another_organization(
    servers: Servers, two_tenants: tuple[Actor, Actor], table: str
) -> None:
    owner, other = two_tenants
    with inside(servers, owner.organization_id) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"UPDATE {table} SET organization_id = %s".encode(), [other.organization_id])


def test_an_insert_for_another_organization_is_refused(servers: Servers, owner: Actor, other_tenant: Actor) -> None:
    with inside(servers, owner.organization_id) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(
            "INSERT INTO categories (organization_id, id, name) VALUES (%s, %s, 'planted')",
            [other_tenant.organization_id, new_id()],
        )


@pytest.mark.parametrize(
    ("column", "table", "foreign"),
    [("category_id", "categories", "id"), ("sha256", "blobs", "sha256")],
)
def test_a_document_cannot_point_into_another_organization(
    servers: Servers, two_tenants: tuple[Actor, Actor], column: str, table: str, foreign: str
) -> None:
    owner, other = two_tenants
    with servers.as_owner() as connection:
        row = connection.execute(
            f"SELECT {foreign} FROM {table} WHERE organization_id = %s LIMIT 1".encode(), [other.organization_id]
        ).fetchone()
        assert row is not None
        with pytest.raises(psycopg.errors.ForeignKeyViolation):  # even the owner's role is refused
            connection.execute(
                f"UPDATE documents SET {column} = %s WHERE organization_id = %s".encode(),
                [row[0], owner.organization_id],
            )


def test_people_see_themselves_and_their_colleagues(
    servers: Servers, owner: Actor, member: Actor, outsider: Actor
) -> None:
    with inside(servers, owner.organization_id, owner.user_id) as connection:
        ids = {row[0] for row in connection.execute("SELECT id FROM users")}
        assert ids == {owner.user_id, member.user_id}
        done = connection.execute("UPDATE users SET name = 'changed' WHERE id = %s", [member.user_id])
        assert done.rowcount == 0  # a colleague can be seen, not changed


def test_sessions_are_their_persons_alone(servers: Servers, owner: Actor, member: Actor) -> None:
    with inside(servers, owner.organization_id, owner.user_id) as connection:
        assert {row[0] for row in connection.execute("SELECT user_id FROM sessions")} == {owner.user_id}


def test_a_person_cannot_join_an_organization_by_themselves(servers: Servers, owner: Actor, outsider: Actor) -> None:
    with inside(servers, None, outsider.user_id) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(
            "INSERT INTO memberships (organization_id, id, user_id, role) VALUES (%s, %s, %s, 'owner')",
            [owner.organization_id, new_id(), outsider.user_id],
        )


@pytest.mark.parametrize("statement", ["UPDATE activity SET action = 'x'", "DELETE FROM activity"])
def test_the_audit_trail_is_append_only(servers: Servers, owner: Actor, statement: str) -> None:
    with inside(servers, owner.organization_id) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


@pytest.mark.parametrize("statement", ["SET ROLE clasio_owner", "SET ROLE clasio_search", "CREATE TABLE mine (n int)"])
def test_the_application_cannot_become_more(servers: Servers, statement: str) -> None:
    with servers.as_app() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())
