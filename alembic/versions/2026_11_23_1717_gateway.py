"""The gateway: the handful of functions that look across organizations, and give ids only.

Each runs as the owner (SECURITY DEFINER) with a pinned search_path, and may be called by `clasio_app` alone.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "has_users()": """
        RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT EXISTS (SELECT 1 FROM users) $$
    """,
    "find_user(p_email text)": """
        RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM users WHERE lower(email) = lower(p_email) $$
    """,
    "find_session(p_token_hash bytea, p_idle interval)": """
        RETURNS TABLE (session_id uuid, user_id uuid, organization_id uuid) LANGUAGE sql STABLE AS $$
            SELECT s.id, s.user_id, s.organization_id FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.token_hash = p_token_hash AND s.expires_at > now() AND s.last_used_at > now() - p_idle AND u.is_active
        $$
    """,
    "find_api_token(p_token_hash bytea)": """
        RETURNS TABLE (token_id uuid, user_id uuid, organization_id uuid) LANGUAGE sql STABLE AS $$
            SELECT t.id, t.user_id, t.organization_id FROM api_tokens t JOIN users u ON u.id = t.user_id
            WHERE t.token_hash = p_token_hash AND t.revoked_at IS NULL AND u.is_active
              AND (t.expires_at IS NULL OR t.expires_at > now())
        $$
    """,
    # A set-up link only counts while nobody exists; the lock makes two open set-up pages take turns.
    "find_link(p_token_hash bytea, p_purpose text)": """
        RETURNS TABLE (link_id uuid, user_id uuid) LANGUAGE plpgsql VOLATILE AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtext('clasio one-time link'));
            RETURN QUERY
                SELECT l.id, l.user_id FROM one_time_links l
                WHERE l.token_hash = p_token_hash AND l.purpose = p_purpose AND l.used_at IS NULL AND l.expires_at > now()
                  AND (p_purpose <> 'setup' OR NOT EXISTS (SELECT 1 FROM users));
        END $$
    """,
    "use_link(p_link_id uuid)": """
        RETURNS void LANGUAGE sql VOLATILE AS $$ UPDATE one_time_links SET used_at = now() WHERE id = p_link_id $$
    """,
    "organization_ids()": """
        RETURNS SETOF uuid LANGUAGE sql STABLE AS $$ SELECT id FROM organizations WHERE deleted_at IS NULL ORDER BY id $$
    """,
    # Fair: among organizations with due work, first the most urgent job, then the organization with the fewest running.
    "claim_job(p_queue text, p_lease interval, p_running_cap integer)": """
        RETURNS TABLE (organization_id uuid, job_id uuid, lease_token uuid) LANGUAGE plpgsql VOLATILE AS $$
        DECLARE
            candidate record;
            claimed record;
        BEGIN
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
    """,
    "expired_leases(p_limit integer)": """
        RETURNS TABLE (organization_id uuid, job_id uuid) LANGUAGE sql STABLE AS $$
            SELECT j.organization_id, j.id FROM jobs j
            WHERE j.state = 'running' AND j.lease_expires_at < now() ORDER BY j.lease_expires_at LIMIT p_limit
        $$
    """,
    "due_jobs()": """
        RETURNS TABLE (queue text, due bigint) LANGUAGE sql STABLE AS $$
            SELECT j.queue, count(*) FROM jobs j WHERE j.state = 'queued' AND j.run_after <= now() GROUP BY j.queue
            UNION ALL
            SELECT j.queue, count(*) FROM instance_jobs j WHERE j.state = 'queued' AND j.run_after <= now() GROUP BY j.queue
        $$
    """,
}


def upgrade() -> None:
    op.execute("CREATE SCHEMA gateway")
    op.execute("GRANT USAGE ON SCHEMA gateway TO clasio_app")
    for signature, body in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION gateway.{signature} {body} SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
        )
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA gateway FROM PUBLIC")
    op.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA gateway TO clasio_app")


def downgrade() -> None:
    op.execute("DROP SCHEMA gateway CASCADE")
