"""The functions that look across organizations give ids, and nothing that a tenant wrote. Those for operators add facts
about the work itself."""

import pytest

from tests.servers import Servers

ID_TYPES = {"uuid", "boolean", "void"}
COUNTS = {("queue", "text"), ("due", "bigint")}  # how much is due in which queue
FACTS = {
    *("queue text", "kind text", "due bigint", "later bigint", "running bigint", "dead bigint", "attempts integer"),
    *("progress jsonb", "documents bigint", "last_error text", "ip_address text", "details jsonb", "hint text"),
}
"""What functions named `ops_…` may say beside ids and times."""
COUNTING_FUNCTIONS = {  # return how many rows they removed
    "remove_expired",
    "remove_old_mails",
    "remove_old_security_events",
    "remove_old_activity",
    "remove_activity_here",
}

FUNCTIONS = """
    SELECT p.proname, t.typname,
           ARRAY(SELECT (column_name, format_type(column_type, NULL))
                 FROM unnest(p.proargnames, p.proallargtypes, p.proargmodes) AS c (column_name, column_type, mode)
                 WHERE mode IN ('t', 'o', 'b'))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_type t ON t.oid = p.prorettype
    WHERE n.nspname = 'gateway'
"""


def test_gateway_functions_return_ids_only(servers: Servers) -> None:
    with servers.as_owner() as connection:
        functions = connection.execute(FUNCTIONS).fetchall()
    assert functions
    for name, returned, columns in functions:
        if columns:
            assert [column for column in columns if not _may_return(name, *column)] == [], name
        else:
            assert returned in {"uuid", "bool", "void"} or name in COUNTING_FUNCTIONS, name


def _may_return(function: str, column: str, kind: str) -> bool:
    if kind in ID_TYPES or (column, kind) in COUNTS:
        return True
    is_fact = kind == "timestamp with time zone" or f"{column} {kind}" in FACTS
    return function.startswith("ops_") and is_fact


def test_definer_functions_pin_their_search_path(servers: Servers) -> None:
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT p.oid::regprocedure::text, p.proconfig FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE p.prosecdef AND n.nspname IN ('public', 'gateway')"
        ).fetchall()
    assert rows
    for name, settings in rows:
        paths = [setting for setting in settings or [] if setting.startswith("search_path=")]
        assert paths, name
        assert paths[0].endswith("pg_temp"), f"{name}: temporary tables must come last"


def test_only_the_application_may_call_definer_functions(servers: Servers) -> None:
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT p.oid::regprocedure::text, has_function_privilege('public', p.oid, 'EXECUTE'),"
            " has_function_privilege('clasio_app', p.oid, 'EXECUTE')"
            " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE p.prosecdef AND n.nspname IN ('public', 'gateway')"
        ).fetchall()
    assert [name for name, by_everybody, by_app in rows if by_everybody or not by_app] == []


@pytest.mark.parametrize("table", ["users", "sessions", "api_tokens", "organizations", "one_time_links"])
def test_without_a_scope_only_the_gateway_gives_anything(servers: Servers, table: str) -> None:
    """Creating links without reading them is the application's only other way at this data."""
    with servers.as_app() as connection:
        if table == "one_time_links":
            row = connection.execute("SELECT has_table_privilege('one_time_links', 'SELECT')").fetchone()
            assert row == (False,)
        else:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
