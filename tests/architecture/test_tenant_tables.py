"""Reads Postgres's own catalogue: no tenant table without the rules of architecture.md "Tenancy"."""

import pytest
from sqlmodel import SQLModel

import clasio_backend.models  # noqa: F401  # registers the tables
from tests.servers import Servers

GLOBAL_TABLES = {
    # They name an organization, but a row belongs to a person: the session looks at one of several organizations.
    "sessions",
}
TENANT_TABLES = sorted(
    name
    for name, table in SQLModel.metadata.tables.items()
    if "organization_id" in table.columns and name not in GLOBAL_TABLES
)
OPEN_TO_APP = {
    # Rows without an organization and without a person: the instance's own work. Nothing of a tenant is in them.
    "instance_jobs",
    "schedules",
    "schedule_ticks",
    "paused_queues",
    "workers",
    "alembic_version",
}

POLICIES = """
    SELECT policyname, roles::text[], cmd, qual, with_check FROM pg_policies
    WHERE tablename = %s AND permissive = 'PERMISSIVE'
"""  # the restrictive ones only take away
FOREIGN_KEYS = """
    SELECT c.conname, target.relname,
           ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(n, o)
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY o),
           ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(n, o)
                 JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY o)
    FROM pg_constraint c JOIN pg_class target ON target.oid = c.confrelid
    WHERE c.contype = 'f' AND c.conrelid = %s::regclass
"""
UNIQUE_COLUMNS = """
    SELECT i.indexrelid::regclass::text, i.indisprimary,
           ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(n, o)
                 LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n ORDER BY o)
    FROM pg_index i WHERE i.indisunique AND i.indrelid = %s::regclass
"""
# Looked up before the organization is known.
TOKENS_ARE_UNIQUE_EVERYWHERE = {"uq_api_tokens_token_hash", "uq_invites_token_hash", "uq_shares_token_hash"}


def test_the_database_has_the_same_tenant_tables_as_the_models(servers: Servers) -> None:
    with servers.as_owner() as connection:
        rows = connection.execute(
            """
            SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
            WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
            """
        ).fetchall()
    assert sorted({row[0] for row in rows} - GLOBAL_TABLES) == TENANT_TABLES


def test_every_table_but_the_instance_s_own_has_row_level_security(servers: Servers) -> None:
    with servers.as_owner() as connection:
        rows = connection.execute(
            """
            SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
            """
        ).fetchall()
    assert {row[0] for row in rows} == OPEN_TO_APP


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_the_policy_checks_what_is_read_and_what_is_written(servers: Servers, table: str) -> None:
    with servers.as_owner() as connection:
        policies = {row[0]: row[1:] for row in connection.execute(POLICIES, [table])}
    roles, command, using, check = policies.pop("same_organization")
    assert (roles, command) == (["clasio_app"], "ALL")
    for rule in (using, check):
        assert "organization_id = " in rule
        assert "app.organization_id" in rule
    for name, (other_roles, other_command, _, _) in policies.items():
        assert other_command == "SELECT", f"{name} may only let read"
        assert other_roles in (["clasio_search"], ["clasio_app"])
        assert "public" not in other_roles
    others_for_app = {name for name, policy in policies.items() if policy[0] == ["clasio_app"]}
    assert others_for_app <= ({"own"} if table == "memberships" else set())


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_keys_begin_with_the_organization(servers: Servers, table: str) -> None:
    with servers.as_owner() as connection:
        keys = {row[0]: (row[1], row[2]) for row in connection.execute(UNIQUE_COLUMNS, [table])}
    assert any(is_primary for is_primary, _ in keys.values())
    wrong = {name for name, (_, columns) in keys.items() if columns[0] != "organization_id" or len(columns) < 2}
    assert wrong <= TOKENS_ARE_UNIQUE_EVERYWHERE


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_foreign_keys_cannot_point_into_another_organization(servers: Servers, table: str) -> None:
    with servers.as_owner() as connection:
        keys = connection.execute(FOREIGN_KEYS, [table]).fetchall()
    assert any(target == "organizations" for _, target, _, _ in keys) or any(t in TENANT_TABLES for _, t, _, _ in keys)
    for name, target, columns, target_columns in keys:
        if target in TENANT_TABLES:
            assert (columns[0], target_columns[0]) == ("organization_id", "organization_id"), name


def test_the_application_cannot_rewrite_the_audit_trail(servers: Servers) -> None:
    with servers.as_owner() as connection:
        for privilege in ("UPDATE", "DELETE", "TRUNCATE"):
            row = connection.execute("SELECT has_table_privilege('clasio_app', 'activity', %s)", [privilege]).fetchone()
            assert row == (False,), privilege
        columns = connection.execute(
            "SELECT count(*) FROM information_schema.column_privileges"
            " WHERE grantee = 'clasio_app' AND table_name = 'activity' AND privilege_type = 'UPDATE'"
        ).fetchone()
    assert columns == (0,)


def test_the_application_can_create_and_truncate_nothing(servers: Servers) -> None:
    with servers.as_owner() as connection:
        row = connection.execute("SELECT has_schema_privilege('clasio_app', 'public', 'CREATE')").fetchone()
        assert row == (False,)
        rows = connection.execute(
            "SELECT table_name FROM information_schema.role_table_grants"
            " WHERE grantee IN ('clasio_app', 'PUBLIC') AND table_schema = 'public'"
            " AND privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES')"
        ).fetchall()
    assert rows == []


def test_no_role_of_ours_can_pass_by_the_policies(servers: Servers) -> None:
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'clasio%' AND (rolsuper OR rolbypassrls)"
        ).fetchall()
        can_log_in = connection.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'clasio_search'").fetchone()
    assert rows == []
    assert can_log_in == (False,)


def test_parts_of_tables_cannot_be_reached_around_their_policies(servers: Servers) -> None:
    """A partition does not inherit row-level security; only the table as a whole may be asked."""
    with servers.as_owner() as connection:
        rows = connection.execute(
            """
            SELECT c.oid::regclass::text FROM pg_class c
            WHERE c.relispartition AND c.relkind = 'r'
              AND (has_table_privilege('clasio_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE')
                   OR has_schema_privilege('clasio_app', c.relnamespace, 'USAGE'))
            """
        ).fetchall()
    assert rows == []
