"""The one function that removes what has had its day: dead sessions, used links, old ticks, finished jobs."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION gateway.remove_expired(p_batch integer) RETURNS integer LANGUAGE plpgsql VOLATILE
        SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            removed integer := 0;
            step integer;
        BEGIN
            DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < now() LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
            DELETE FROM one_time_links WHERE id IN (
                SELECT id FROM one_time_links WHERE expires_at < now() - interval '30 days' LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
            DELETE FROM schedule_ticks WHERE (schedule_id, due_at) IN (
                SELECT schedule_id, due_at FROM schedule_ticks WHERE claimed_at < now() - interval '7 days' LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
            DELETE FROM jobs WHERE (organization_id, id) IN (
                SELECT organization_id, id FROM jobs
                WHERE state IN ('succeeded', 'cancelled') AND finished_at < now() - interval '30 days' LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
            DELETE FROM instance_jobs WHERE id IN (
                SELECT id FROM instance_jobs
                WHERE state IN ('succeeded', 'cancelled') AND finished_at < now() - interval '30 days' LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
            DELETE FROM workers WHERE seen_at < now() - interval '1 day';
            RETURN removed;
        END $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION gateway.remove_expired(integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION gateway.remove_expired(integer) TO clasio_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION gateway.remove_expired(integer)")
