"""Activity: found by person, and removed after 90 days by the one function that may.

The application's role can neither update nor delete an entry. A BRIN index is enough to find the old ones: entries
come in order of time.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FUNCTION = """
    CREATE FUNCTION gateway.remove_old_activity(p_batch integer)
    RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
        removed integer;
    BEGIN
        DELETE FROM activity WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM activity WHERE at < now() - interval '90 days' LIMIT p_batch));
        GET DIAGNOSTICS removed = ROW_COUNT;
        RETURN removed;
    END $$
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
"""


def upgrade() -> None:
    op.create_index("ix_activity_user", "activity", ["organization_id", "user_id", "at", "id"])
    op.create_index("ix_activity_age", "activity", ["at"], postgresql_using="brin")
    op.execute(FUNCTION)
    op.execute("REVOKE ALL ON FUNCTION gateway.remove_old_activity(integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION gateway.remove_old_activity(integer) TO clasio_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION gateway.remove_old_activity(integer)")
    op.drop_index("ix_activity_age", "activity")
    op.drop_index("ix_activity_user", "activity")
