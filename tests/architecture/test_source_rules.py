"""Rules that no linter knows. A finding names the file and line; the reason stands in architecture.md."""

import ast

from tests.architecture.sources import Source, sources

STATEMENTS = {"select", "insert", "update", "delete", "text", "union", "exists"}
RUNNING_METHODS = {"execute", "exec_driver_sql"}
WRITES_SQL = ("clasio_backend/core/", "clasio_backend/cli/embedded/")  # the second speaks to a server, not to tables
SERVER_DEFAULTS = "clasio_backend/models/"
MAY_COMMIT = {"clasio_backend/core/unit_of_work.py", "clasio_backend/core/migrate.py"}
MINTS_SCOPES = {
    "clasio_backend/accounts/authorize.py",
    "clasio_backend/core/scope.py",
    "clasio_backend/sharing/visits.py",
}
OPENS_SESSIONS = {
    "authorize_way_out": {"clasio_backend/http/auth.py", "clasio_backend/http/callers.py"},
    "UserSession": {"clasio_backend/accounts/service.py"},
    "open_session_after_code": {"clasio_backend/accounts/second_factor.py"},
    "renew_session": {"clasio_backend/accounts/sessions.py"},
}
MOST_LINES, MANY_LINES = 400, 300


def sql_in(source: Source) -> list[str]:
    imported = source.imported_from("sqlalchemy", "sqlmodel") & STATEMENTS
    if source.path.startswith(SERVER_DEFAULTS):
        imported -= {"text"}
    return [
        f"{source.path}:{line} {name}(…)"
        for name, is_method, line in source.calls()
        if (name in RUNNING_METHODS if is_method else name in imported)
    ]


def test_sql_is_written_in_repositories_and_core_only() -> None:
    checked = [
        source
        for source in sources()
        if not source.path.endswith("/repository.py") and not source.path.startswith(WRITES_SQL)
    ]
    assert [finding for source in checked for finding in sql_in(source)] == []


def test_filters_by_scope_are_written_in_one_place() -> None:
    """`Repository._here` and its like: tests switch them off there, so a filter written by hand would hide a hole."""
    assert [
        f"{source.path}:{node.lineno}"
        for source in sources()
        if source.path != "clasio_backend/core/repository.py"
        and (source.path.endswith("/repository.py") or source.path.startswith(WRITES_SQL))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Compare) and any(_is_of_scope(side) for side in (node.left, *node.comparators))
    ] == []


def _is_of_scope(side: ast.expr) -> bool:
    """`self.scope.organization_id`, `scope.user_id`, `claim.organization_id`: a value, not a column."""
    words = ast.unparse(side).split(".")
    return words[-1] in {"organization_id", "user_id", "document_id"} and bool({"scope", "claim"} & set(words[:-1]))


def test_only_the_unit_of_work_commits() -> None:
    assert [
        f"{source.path}:{line}"
        for source in sources()
        if source.path not in MAY_COMMIT
        for name, is_method, line in source.calls()
        if is_method and name == "commit"
    ] == []


def test_scopes_are_minted_in_three_places_only() -> None:
    """Starlette's own `Scope` is a type that nobody calls, so the name is enough."""
    assert [
        f"{source.path}:{line}"
        for source in sources()
        if source.path not in MINTS_SCOPES
        for name, _, line in source.calls()
        if name in {"Scope", "__new__"} and "core.scope" in source.text
    ] == []


def test_sessions_are_opened_in_one_place_which_asks_for_the_code() -> None:
    """`open_session` asks whom it must; the two that do not are for those who have typed their code before. And
    `authorize_way_out` passes by what the organization requires, so it is for leaving alone.
    """
    assert [
        f"{source.path}:{line} {name}"
        for source in sources()
        for name, _, line in source.calls()
        if source.path not in OPENS_SESSIONS.get(name, {source.path})
    ] == []


def test_nobody_changes_a_scope() -> None:
    """`replace(scope, organization_id=…)` would be another way to mint one."""
    assert [
        source.path
        for source in sources()
        if "replace" in source.imported_from("dataclasses") and "core.scope" in source.text
    ] == []


def test_no_file_has_grown_too_long() -> None:
    lines = {source.path: source.text.count("\n") for source in sources(with_tests=True)}
    if long := sorted(f"{path} ({count})" for path, count in lines.items() if MANY_LINES < count <= MOST_LINES):
        print("over 300 lines, wants a look:", ", ".join(long))  # noqa: T201  # shown with -s and on failure
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}
