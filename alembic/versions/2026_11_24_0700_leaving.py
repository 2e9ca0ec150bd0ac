"""Leaving: when accounts and organizations are deleted, and the functions that find those that are due.

Activity is append only for the application's role; of an organization that is deleted, one function removes it.
"""

import sqlalchemy as sa

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DUE = sa.text("deletion_due_at IS NOT NULL")
HERE = "nullif(current_setting('app.organization_id', true), '')::uuid"

FUNCTIONS = {
    # The lock makes two operators who leave at once take turns.
    "has_other_operator(p_user_id uuid)": """
        RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtext('clasio operators'));
            RETURN EXISTS (SELECT 1 FROM users WHERE id <> p_user_id AND is_operator AND is_active
                           AND deletion_due_at IS NULL);
        END $$
    """,
    "accounts_to_delete(p_limit integer)": """
        RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
            SELECT id FROM users WHERE deletion_due_at <= now() ORDER BY deletion_due_at, id LIMIT p_limit
        $$
    """,
    "organizations_to_delete(p_limit integer)": """
        RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
            SELECT id FROM organizations WHERE deletion_due_at <= now() AND deleted_at IS NULL
            ORDER BY deletion_due_at, id LIMIT p_limit
        $$
    """,
    # What is being imported is hidden in the same way, and tidied by the exports themselves.
    "organizations_to_purge(p_settled interval, p_limit integer)": """
        RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
            SELECT o.id FROM organizations o
            WHERE o.deleted_at <= now() - p_settled
              AND NOT EXISTS (SELECT 1 FROM imports i WHERE i.organization_id = o.id AND i.finished_at IS NULL)
            ORDER BY o.deleted_at, o.id LIMIT p_limit
        $$
    """,
    # Only of somebody whose deletion has begun.
    "remove_links_of(p_user_id uuid)": """
        RETURNS void LANGUAGE sql VOLATILE AS $$
            DELETE FROM one_time_links l USING users u
            WHERE l.user_id = p_user_id AND u.id = p_user_id AND u.deleted_at IS NOT NULL
        $$
    """,
    # These two work on the transaction's own organization, and only once it is deleted.
    "remove_activity_here(p_batch integer)": f"""
        RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
        DECLARE
            removed integer;
        BEGIN
            DELETE FROM activity WHERE (organization_id, id) IN (
                SELECT a.organization_id, a.id FROM activity a JOIN organizations o ON o.id = a.organization_id
                WHERE a.organization_id = {HERE} AND o.deleted_at IS NOT NULL LIMIT p_batch);
            GET DIAGNOSTICS removed = ROW_COUNT;
            RETURN removed;
        END $$
    """,
    "send_sessions_elsewhere()": f"""
        RETURNS void LANGUAGE sql VOLATILE AS $$
            UPDATE sessions s SET organization_id = NULL FROM organizations o
            WHERE o.id = {HERE} AND o.deleted_at IS NOT NULL AND s.organization_id = o.id
        $$
    """,
}


def upgrade() -> None:
    op.add_column("users", sa.Column("deletion_due_at", TIME))
    op.add_column(
        "users", sa.Column("deletion_takes_documents", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("users", sa.Column("deleted_at", TIME))
    op.add_column("organizations", sa.Column("deletion_due_at", TIME))
    op.create_index("ix_users_deletion_due", "users", ["deletion_due_at"], postgresql_where=DUE)
    op.create_index("ix_organizations_deletion_due", "organizations", ["deletion_due_at"], postgresql_where=DUE)
    for signature, body in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION gateway.{signature} {body} SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
        )
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA gateway FROM PUBLIC")
    op.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA gateway TO clasio_app")


def downgrade() -> None:
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION gateway.{signature}")
    op.drop_index("ix_organizations_deletion_due", "organizations")
    op.drop_index("ix_users_deletion_due", "users")
    op.drop_column("organizations", "deletion_due_at")
    for column in ("deleted_at", "deletion_takes_documents", "deletion_due_at"):
        op.drop_column("users", column)
