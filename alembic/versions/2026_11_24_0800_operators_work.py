"""Operators: paused queues, their tokens, and the functions that show the work of all organizations.

What they return beside ids is about the work alone: kinds, queues, counts, times, causes. Nothing that a tenant wrote.
"""

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DEAD = sa.text("state = 'dead'")
IS_PAUSED = "EXISTS (SELECT 1 FROM paused_queues p WHERE p.queue = {queue})"

DUE_BEFORE = """
    RETURNS TABLE (queue text, due bigint) LANGUAGE sql STABLE AS $$
        SELECT j.queue, count(*) FROM jobs j WHERE j.state = 'queued' AND j.run_after <= now() GROUP BY j.queue
        UNION ALL
        SELECT j.queue, count(*) FROM instance_jobs j WHERE j.state = 'queued' AND j.run_after <= now() GROUP BY j.queue
    $$
"""
DUE = f"""
    RETURNS TABLE (queue text, due bigint) LANGUAGE sql STABLE AS $$
        SELECT j.queue, count(*) FROM jobs j
        WHERE j.state = 'queued' AND j.run_after <= now() AND NOT {IS_PAUSED.format(queue='j.queue')} GROUP BY j.queue
        UNION ALL
        SELECT j.queue, count(*) FROM instance_jobs j
        WHERE j.state = 'queued' AND j.run_after <= now() AND NOT {IS_PAUSED.format(queue='j.queue')} GROUP BY j.queue
    $$
"""

# Fair: among organizations with due work, first the most urgent job, then the organization with the fewest running.
CLAIM = """
    RETURNS TABLE (organization_id uuid, job_id uuid, lease_token uuid) LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
        candidate record;
        claimed record;
    BEGIN{pause}
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
            WHERE o.id IS NOT NULL AND busy.running < p_running_cap
            ORDER BY first_due.priority, busy.running, first_due.run_after
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
            IF FOUND THEN
                RETURN QUERY SELECT claimed.organization, claimed.id, claimed.token;
                RETURN;
            END IF;
        END LOOP;
    END $$
"""
REFUSE_PAUSED = f"""
        IF {IS_PAUSED.format(queue='p_queue')} THEN
            RETURN;
        END IF;"""

REDEFINED = {
    "claim_job(p_queue text, p_lease interval, p_running_cap integer)": (
        CLAIM.replace("{pause}", REFUSE_PAUSED),
        CLAIM.replace("{pause}", ""),
    ),
    "due_jobs()": (DUE, DUE_BEFORE),
}

FUNCTIONS = {
    "ops_queues()": """
        RETURNS TABLE (queue text, due bigint, later bigint, running bigint, oldest_due timestamptz)
        LANGUAGE sql STABLE AS $$
            SELECT j.queue, count(*) FILTER (WHERE j.state = 'queued' AND j.run_after <= now()),
                   count(*) FILTER (WHERE j.state = 'queued' AND j.run_after > now()),
                   count(*) FILTER (WHERE j.state = 'running'),
                   min(j.run_after) FILTER (WHERE j.state = 'queued' AND j.run_after <= now())
            FROM (SELECT q.queue, q.state, q.run_after FROM jobs q WHERE q.state = 'queued'
                  UNION ALL SELECT q.queue, q.state, q.run_after FROM jobs q WHERE q.state = 'running'
                  UNION ALL SELECT q.queue, q.state, q.run_after FROM instance_jobs q
                            WHERE q.state IN ('queued', 'running')) j
            GROUP BY j.queue
        $$
    """,
    "ops_running(p_limit integer)": """
        RETURNS TABLE (organization_id uuid, job_id uuid, kind text, queue text, attempts integer,
                       started_at timestamptz, progress jsonb) LANGUAGE sql STABLE AS $$
            SELECT j.organization_id, j.id, j.kind, j.queue, j.attempts, j.started_at, j.progress
            FROM jobs j WHERE j.state = 'running'
            UNION ALL
            SELECT NULL, j.id, j.kind, j.queue, j.attempts, j.started_at, j.progress
            FROM instance_jobs j WHERE j.state = 'running'
            ORDER BY 6, 2 LIMIT p_limit
        $$
    """,
    "ops_dead_kinds()": """
        RETURNS TABLE (kind text, dead bigint) LANGUAGE sql STABLE AS $$
            SELECT d.kind, count(*) FROM (
                SELECT j.kind FROM jobs j WHERE j.state = 'dead'
                UNION ALL SELECT j.kind FROM instance_jobs j WHERE j.state = 'dead') d
            GROUP BY d.kind ORDER BY d.kind
        $$
    """,
    "ops_dead(p_kind text, p_before timestamptz, p_before_id uuid, p_limit integer)": """
        RETURNS TABLE (organization_id uuid, job_id uuid, kind text, queue text, attempts integer, created_at timestamptz,
                       finished_at timestamptz, last_error text) LANGUAGE sql STABLE AS $$
            (SELECT j.organization_id, j.id, j.kind, j.queue, j.attempts, j.created_at, j.finished_at, j.last_error
             FROM jobs j
             WHERE j.state = 'dead' AND (p_kind IS NULL OR j.kind = p_kind)
               AND (p_before IS NULL OR (j.finished_at, j.id) < (p_before, p_before_id))
             ORDER BY j.finished_at DESC, j.id DESC LIMIT p_limit)
            UNION ALL
            (SELECT NULL, j.id, j.kind, j.queue, j.attempts, j.created_at, j.finished_at, j.last_error
             FROM instance_jobs j
             WHERE j.state = 'dead' AND (p_kind IS NULL OR j.kind = p_kind)
               AND (p_before IS NULL OR (j.finished_at, j.id) < (p_before, p_before_id))
             ORDER BY j.finished_at DESC, j.id DESC LIMIT p_limit)
            ORDER BY 7 DESC, 2 DESC LIMIT p_limit
        $$
    """,
    "ops_find_dead(p_job_id uuid)": """
        RETURNS uuid LANGUAGE sql STABLE AS $$
            SELECT j.organization_id FROM jobs j WHERE j.id = p_job_id AND j.state = 'dead'
        $$
    """,
    "ops_security_events(p_before timestamptz, p_before_id uuid, p_limit integer)": """
        RETURNS TABLE (event_id uuid, at timestamptz, kind text, user_id uuid, ip_address text, details jsonb)
        LANGUAGE sql STABLE AS $$
            SELECT e.id, e.at, e.kind, e.user_id, e.ip_address, e.details FROM security_events e
            WHERE p_before IS NULL OR (e.at, e.id) < (p_before, p_before_id)
            ORDER BY e.at DESC, e.id DESC LIMIT p_limit
        $$
    """,
    # Notes the use, once a minute at most.
    "find_operator_token(p_token_hash bytea)": """
        RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
        DECLARE
            found uuid;
        BEGIN
            SELECT t.id INTO found FROM operator_tokens t
            WHERE t.token_hash = p_token_hash AND t.revoked_at IS NULL;
            UPDATE operator_tokens t SET last_used_at = now()
            WHERE t.id = found AND (t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute');
            RETURN found;
        END $$
    """,
    "ops_tokens(p_limit integer)": """
        RETURNS TABLE (token_id uuid, hint text, created_at timestamptz, last_used_at timestamptz)
        LANGUAGE sql STABLE AS $$
            SELECT t.id, t.hint, t.created_at, t.last_used_at FROM operator_tokens t
            WHERE t.revoked_at IS NULL ORDER BY t.created_at DESC, t.id LIMIT p_limit
        $$
    """,
    "revoke_operator_token(p_token_id uuid)": """
        RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
        BEGIN
            UPDATE operator_tokens t SET revoked_at = now() WHERE t.id = p_token_id AND t.revoked_at IS NULL;
            RETURN FOUND;
        END $$
    """,
}


def _define(signature: str, body: str) -> None:
    op.execute(
        f"CREATE OR REPLACE FUNCTION gateway.{signature} {body}"
        " SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
    )


def upgrade() -> None:
    op.create_table(
        "paused_queues",
        sa.Column("queue", sa.String(20), primary_key=True),
        sa.Column("paused_at", TIME, server_default=sa.text("now()"), nullable=False),
    )
    op.execute("GRANT SELECT, INSERT, DELETE ON paused_queues TO clasio_app")
    op.create_table(
        "operator_tokens",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.String(12), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.UniqueConstraint("token_hash", name="uq_operator_tokens_token_hash"),
    )
    op.execute("GRANT INSERT ON operator_tokens TO clasio_app")
    op.execute("ALTER TABLE operator_tokens ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY make ON operator_tokens FOR INSERT TO clasio_app WITH CHECK (true)")
    for table in ("jobs", "instance_jobs"):
        op.create_index(f"ix_{table}_dead", table, ["finished_at", "id"], postgresql_where=DEAD)
    op.create_index(
        "ix_jobs_of_document", "jobs", ["organization_id", "document_id"], postgresql_where=sa.text("state = 'queued'")
    )
    for signature, (body, _) in REDEFINED.items():
        _define(signature, body)
    for signature, body in FUNCTIONS.items():
        _define(signature, body)
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA gateway FROM PUBLIC")
    op.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA gateway TO clasio_app")


def downgrade() -> None:
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION gateway.{signature}")
    for signature, (_, body) in REDEFINED.items():
        _define(signature, body)
    op.drop_index("ix_jobs_of_document", "jobs")
    for table in ("jobs", "instance_jobs"):
        op.drop_index(f"ix_{table}_dead", table)
    op.drop_table("operator_tokens")
    op.drop_table("paused_queues")
