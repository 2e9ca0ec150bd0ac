"""Two-factor sign-in: what the person's app knows, their recovery codes, and sign-ins that wait for a code.

All three belong to the person alone: no organization, no colleague and no operator reads them. Before anybody is known,
one function of the gateway finds the sign-in that a cookie stands for.
"""

import sqlalchemy as sa

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
PERSON = "(SELECT nullif(current_setting('app.user_id', true), '')::uuid)"
TABLES = ("second_factors", "recovery_codes", "pending_sign_ins")
FIND = """
    CREATE FUNCTION gateway.find_pending_sign_in(p_token_hash bytea)
    RETURNS TABLE (pending_id uuid, user_id uuid) LANGUAGE sql STABLE AS $$
        SELECT p.id, p.user_id FROM pending_sign_ins p JOIN users u ON u.id = p.user_id
        WHERE p.token_hash = p_token_hash AND p.expires_at > now() AND u.is_active
    $$
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
"""
HAD_THEIR_DAY = (
    "(state IN ('succeeded', 'cancelled') AND finished_at < now() - interval '30 days')"
    " OR (state = 'failed' AND finished_at < now() - interval '90 days')"
)
PENDING = """
            DELETE FROM pending_sign_ins WHERE id IN (
                SELECT id FROM pending_sign_ins WHERE expires_at < now() LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;"""


def upgrade() -> None:
    _create_tables()
    for table in TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO clasio_app")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own ON {table} FOR ALL TO clasio_app"
            f" USING (user_id = {PERSON}) WITH CHECK (user_id = {PERSON})"
        )
    op.execute(FIND)
    op.execute("REVOKE ALL ON FUNCTION gateway.find_pending_sign_in(bytea) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION gateway.find_pending_sign_in(bytea) TO clasio_app")
    _define_clean_up(PENDING)


def _create_tables() -> None:
    op.create_table(
        "second_factors",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("confirmed_at", TIME),
        sa.Column("last_step", sa.BigInteger()),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE", name="fk_second_factors_user"),
        sa.UniqueConstraint("user_id", name="uq_second_factors_user"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("used_at", TIME),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE", name="fk_recovery_codes_user"),
        sa.UniqueConstraint("user_id", "code_hash", name="uq_recovery_codes_code_hash"),
    )
    op.create_table(
        "pending_sign_ins",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("lands_in", sa.Uuid()),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE", name="fk_pending_sign_ins_user"),
        sa.UniqueConstraint("token_hash", name="uq_pending_sign_ins_token_hash"),
    )
    op.create_index("ix_pending_sign_ins_user", "pending_sign_ins", ["user_id"])
    op.create_index("ix_pending_sign_ins_expires_at", "pending_sign_ins", ["expires_at"])


def _define_clean_up(pending: str) -> None:
    op.execute(
        f"""
        CREATE OR REPLACE FUNCTION gateway.remove_expired(p_batch integer) RETURNS integer LANGUAGE plpgsql VOLATILE
        SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            removed integer := 0;
            step integer;
        BEGIN
            DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < now() LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;{pending}
            DELETE FROM one_time_links WHERE id IN (
                SELECT id FROM one_time_links WHERE expires_at < now() - interval '30 days' LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
            DELETE FROM schedule_ticks WHERE (schedule_id, due_at) IN (
                SELECT schedule_id, due_at FROM schedule_ticks WHERE claimed_at < now() - interval '7 days' LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
            DELETE FROM jobs WHERE (organization_id, id) IN (
                SELECT organization_id, id FROM jobs WHERE {HAD_THEIR_DAY} LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
            DELETE FROM instance_jobs WHERE id IN (SELECT id FROM instance_jobs WHERE {HAD_THEIR_DAY} LIMIT p_batch);
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
            DELETE FROM workers WHERE seen_at < now() - interval '1 day';
            RETURN removed;
        END $$
        """
    )


def downgrade() -> None:
    _define_clean_up("")
    op.execute("DROP FUNCTION gateway.find_pending_sign_in(bytea)")
    for table in reversed(TABLES):
        op.drop_table(table)
