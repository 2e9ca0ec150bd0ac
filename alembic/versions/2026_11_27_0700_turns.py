"""Organizations take turns: among those with as many jobs running, the one that has waited longest for its turn.

Before, ties went to the oldest job, so that a few organizations with long queues kept another waiting until theirs ended.
And security events older than 90 days are removed, as activity is.
"""

import sqlalchemy as sa

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ORGANIZATION = "(SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"
CLAIM_JOB = "claim_job(p_queue text, p_lease interval, p_running_cap integer)"
OLDEST_FIRST = ("", "first_due.run_after", "")
# A turn that another claim has locked is being noted by it: nobody waits for that.
IN_TURNS = (
    "LEFT JOIN queue_turns t ON t.organization_id = o.id AND t.queue = p_queue",
    "t.at NULLS FIRST, first_due.run_after",
    """
                UPDATE queue_turns t SET at = clock_timestamp() WHERE (t.organization_id, t.queue) = (
                    SELECT q.organization_id, q.queue FROM queue_turns q
                    WHERE q.organization_id = claimed.organization AND q.queue = p_queue FOR UPDATE SKIP LOCKED);
                IF NOT FOUND THEN
                    INSERT INTO queue_turns (organization_id, queue, at)
                    VALUES (claimed.organization, p_queue, clock_timestamp()) ON CONFLICT DO NOTHING;
                END IF;""",
)
CLAIM = """
    RETURNS TABLE (organization_id uuid, job_id uuid, lease_token uuid) LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
        candidate record;
        claimed record;
    BEGIN
        IF EXISTS (SELECT 1 FROM paused_queues p WHERE p.queue = p_queue) THEN
            RETURN;
        END IF;
        FOR candidate IN
            WITH RECURSIVE organizations_with_due AS (
                (SELECT j.organization_id AS id FROM jobs j
                 WHERE j.queue = p_queue AND j.state = 'queued' ORDER BY j.organization_id LIMIT 1)
                UNION ALL
                SELECT (SELECT j.organization_id FROM jobs j
                        WHERE j.queue = p_queue AND j.state = 'queued' AND j.organization_id > o.id
                        ORDER BY j.organization_id LIMIT 1)
                FROM organizations_with_due o WHERE o.id IS NOT NULL
            )
            SELECT o.id, first_due.priority, first_due.run_after, busy.running
            FROM organizations_with_due o
            CROSS JOIN LATERAL (
                SELECT j.priority, j.run_after FROM jobs j
                WHERE j.queue = p_queue AND j.state = 'queued' AND j.organization_id = o.id AND j.run_after <= now()
                ORDER BY j.priority, j.run_after LIMIT 1
            ) first_due
            CROSS JOIN LATERAL (
                SELECT count(*) AS running FROM jobs j
                WHERE j.queue = p_queue AND j.state = 'running' AND j.organization_id = o.id
            ) busy
            {turns}
            WHERE o.id IS NOT NULL AND busy.running < p_running_cap
            ORDER BY first_due.priority, busy.running, {order}
        LOOP
            UPDATE jobs j
            SET state = 'running', lease_token = gen_random_uuid(), lease_expires_at = now() + p_lease,
                started_at = coalesce(j.started_at, now())
            WHERE (j.organization_id, j.id) = (
                SELECT q.organization_id, q.id FROM jobs q
                WHERE q.queue = p_queue AND q.state = 'queued' AND q.organization_id = candidate.id
                  AND q.run_after <= now()
                ORDER BY q.priority, q.run_after, q.id
                FOR UPDATE SKIP LOCKED LIMIT 1
            )
            RETURNING j.organization_id AS organization, j.id, j.lease_token AS token INTO claimed;
            IF FOUND THEN{note}
                RETURN QUERY SELECT claimed.organization, claimed.id, claimed.token;
                RETURN;
            END IF;
        END LOOP;
    END $$
"""
SECURITY_EVENTS = "remove_old_security_events(p_batch integer)"
REMOVE = """
    RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
        removed integer;
    BEGIN
        DELETE FROM security_events WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM security_events WHERE at < now() - interval '90 days' LIMIT p_batch));
        GET DIAGNOSTICS removed = ROW_COUNT;
        RETURN removed;
    END $$
"""


def _claim(parts: tuple[str, str, str]) -> str:
    return CLAIM.replace("{turns}", parts[0]).replace("{order}", parts[1]).replace("{note}", parts[2])


def _define(signature: str, body: str) -> None:
    op.execute(
        f"CREATE OR REPLACE FUNCTION gateway.{signature} {body}"
        " SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
    )


def upgrade() -> None:
    op.create_table(
        "queue_turns",
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("queue", sa.String(20), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], ondelete="CASCADE", name="fk_queue_turns_organization"
        ),
    )
    op.execute("GRANT SELECT, DELETE ON queue_turns TO clasio_app")
    op.execute("ALTER TABLE queue_turns ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY same_organization ON queue_turns FOR ALL TO clasio_app"
        f" USING (organization_id = {ORGANIZATION}) WITH CHECK (organization_id = {ORGANIZATION})"
    )
    _define(CLAIM_JOB, _claim(IN_TURNS))
    _define(SECURITY_EVENTS, REMOVE)
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA gateway FROM PUBLIC")
    op.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA gateway TO clasio_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION gateway.{SECURITY_EVENTS}")
    _define(CLAIM_JOB, _claim(OLDEST_FIRST))
    op.drop_table("queue_turns")
