"""Roles, grants and policies: the database itself keeps organizations apart.

`clasio_app` serves requests and jobs and is bound by every policy. `clasio_search` (NOLOGIN) owns the search functions
and reads documents through a policy of its own. Policies are enabled, not forced: forcing would break the owner's
pg_dump, and the owner never serves a request.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ORGANIZATION = "(SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"
PERSON = "(SELECT nullif(current_setting('app.user_id', true), '')::uuid)"

TENANT_TABLES = {
    "activity": "SELECT, INSERT",  # append only: one function of the owner removes what is too old
    "analyses": "SELECT, INSERT, UPDATE, DELETE",
    "api_tokens": "SELECT, INSERT, UPDATE, DELETE",
    "blobs": "SELECT, INSERT, UPDATE, DELETE",
    "categories": "SELECT, INSERT, UPDATE, DELETE",
    "documents": "SELECT, INSERT, UPDATE, DELETE",
    "document_texts": "SELECT, INSERT, UPDATE, DELETE",
    "jobs": "SELECT, INSERT, UPDATE, DELETE",
    "memberships": "SELECT, INSERT, UPDATE, DELETE",
    "usage_counters": "SELECT, INSERT, UPDATE, DELETE",
    "usage_reservations": "SELECT, INSERT, UPDATE, DELETE",
}

GLOBAL_GRANTS = {
    "organizations": "SELECT, INSERT, UPDATE, DELETE",
    "users": "SELECT, INSERT, UPDATE",
    "sessions": "SELECT, INSERT, UPDATE, DELETE",
    "one_time_links": "INSERT",
    "security_events": "INSERT",
    "instance_jobs": "SELECT, INSERT, UPDATE, DELETE",
    "schedules": "SELECT, INSERT, UPDATE, DELETE",
    "schedule_ticks": "SELECT, INSERT, DELETE",
    "workers": "SELECT, INSERT, UPDATE, DELETE",
    "alembic_version": "SELECT",
}


def _create_role(name: str) -> None:
    # Roles belong to the whole server: another database of it may have made them already.
    op.execute(
        f"""
        DO $$ BEGIN
            CREATE ROLE {name} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
        """
    )


def _policy(table: str, name: str, rule: str, *, role: str = "clasio_app", command: str = "ALL") -> None:
    check = f" WITH CHECK ({rule})" if command in {"ALL", "INSERT"} else ""
    using = f" USING ({rule})" if command != "INSERT" else ""
    op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO {role}{using}{check}")


def upgrade() -> None:
    _create_role("clasio_app")
    _create_role("clasio_search")
    op.execute("GRANT USAGE ON SCHEMA public TO clasio_app, clasio_search")
    for table, grants in (TENANT_TABLES | GLOBAL_GRANTS).items():
        op.execute(f"GRANT {grants} ON {table} TO clasio_app")
    for table in TENANT_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        _policy(table, "same_organization", f"organization_id = {ORGANIZATION}")
    _people_and_organizations()
    for table in ("documents", "document_texts"):
        op.execute(f"GRANT SELECT ON {table} TO clasio_search")
        _policy(table, "search", "true", role="clasio_search", command="SELECT")


def _people_and_organizations() -> None:
    """A person sees their own row, sessions, memberships and organizations, and the people they work with."""
    for table in ("organizations", "users", "sessions", "one_time_links", "security_events"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    _policy("organizations", "same_organization", f"id = {ORGANIZATION}")
    _policy("memberships", "own", f"user_id = {PERSON}", command="SELECT")
    _policy(
        "organizations",
        "own_memberships",
        f"id IN (SELECT organization_id FROM memberships WHERE user_id = {PERSON})",
        command="SELECT",
    )
    _policy("users", "own", f"id = {PERSON}")
    _policy(
        "users",
        "colleagues",
        f"id IN (SELECT user_id FROM memberships WHERE organization_id = {ORGANIZATION})",
        command="SELECT",
    )
    _policy("sessions", "own", f"user_id = {PERSON}")
    _policy("one_time_links", "make", "true", command="INSERT")
    _policy("security_events", "append", "true", command="INSERT")


def downgrade() -> None:
    for table in ("documents", "document_texts"):
        op.execute(f"DROP POLICY search ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM clasio_search")
    for table in TENANT_TABLES:
        op.execute(f"DROP POLICY same_organization ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for table, policies in {
        "organizations": ("same_organization", "own_memberships"),
        "memberships": ("own",),
        "users": ("own", "colleagues"),
        "sessions": ("own",),
        "one_time_links": ("make",),
        "security_events": ("append",),
    }.items():
        for policy in policies:
            op.execute(f"DROP POLICY {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for table in TENANT_TABLES | GLOBAL_GRANTS:
        op.execute(f"REVOKE ALL ON {table} FROM clasio_app")
    op.execute("REVOKE USAGE ON SCHEMA public FROM clasio_app, clasio_search")
    # The roles stay: other databases of this server may use them.
