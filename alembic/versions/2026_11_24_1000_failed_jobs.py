"""The clean-up removes failed jobs, too, after 90 days. Dead ones stay until an operator decides."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FINISHED = "state IN ('succeeded', 'cancelled') AND finished_at < now() - interval '30 days'"
FINISHED_OR_FAILED = f"({FINISHED}) OR (state = 'failed' AND finished_at < now() - interval '90 days')"


def upgrade() -> None:
    _define(FINISHED_OR_FAILED)


def downgrade() -> None:
    _define(FINISHED)


def _define(had_their_day: str) -> None:
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION gateway.remove_expired(p_batch integer) RETURNS integer LANGUAGE plpgsql VOLATILE
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
                SELECT organization_id, id FROM jobs WHERE {had_their_day} LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
            DELETE FROM instance_jobs WHERE id IN (SELECT id FROM instance_jobs WHERE {had_their_day} LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
            DELETE FROM workers WHERE seen_at < now() - interval '1 day';
            RETURN removed;
        END $$
        """
    )
