"""Accounts elsewhere that sign people in, and which way a session was opened.

An identity belongs to the person alone. Before anybody is known, one function of the gateway finds whose it is, and
another makes sure that what a provider answers is used once.
"""

import sqlalchemy as sa

from alembic import op

revision = "0028"
down_revision = "0031"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
PERSON = "(SELECT nullif(current_setting('app.user_id', true), '')::uuid)"
FUNCTIONS = {
    "find_identity(text, text)": """
        CREATE FUNCTION gateway.find_identity(p_issuer text, p_subject text)
        RETURNS TABLE (identity_id uuid, user_id uuid) LANGUAGE sql STABLE
        SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT i.id, i.user_id FROM identities i JOIN users u ON u.id = i.user_id
            WHERE i.issuer = p_issuer AND i.subject = p_subject AND u.is_active
        $$
    """,
    "spend_state(bytea, timestamptz)": """
        CREATE FUNCTION gateway.spend_state(p_state_hash bytea, p_until timestamptz)
        RETURNS boolean LANGUAGE plpgsql VOLATILE
        SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            DELETE FROM spent_states WHERE state_hash IN (
                SELECT state_hash FROM spent_states WHERE expires_at < now() LIMIT 20 FOR UPDATE SKIP LOCKED);
            INSERT INTO spent_states (state_hash, expires_at) VALUES (p_state_hash, p_until) ON CONFLICT DO NOTHING;
            RETURN FOUND;
        END $$
    """,
}


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("email", sa.String(320)),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", TIME),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE", name="fk_identities_user"),
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_subject"),
    )
    op.create_index("ix_identities_user", "identities", ["user_id"])
    op.create_table(
        "spent_states",
        sa.Column("state_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("expires_at", TIME, nullable=False),
    )
    op.create_index("ix_spent_states_expires_at", "spent_states", ["expires_at"])
    for table in ("identities", "spent_states"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON identities TO clasio_app")
    op.execute(
        "CREATE POLICY own ON identities FOR ALL TO clasio_app"
        f" USING (user_id = {PERSON}) WITH CHECK (user_id = {PERSON})"
    )
    for signature, definition in FUNCTIONS.items():
        op.execute(definition)
        op.execute(f"REVOKE ALL ON FUNCTION gateway.{signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION gateway.{signature} TO clasio_app")
    for table in ("sessions", "pending_sign_ins"):
        op.add_column(table, sa.Column("provider", sa.String(20), server_default="", nullable=False))


def downgrade() -> None:
    for table in ("sessions", "pending_sign_ins"):
        op.drop_column(table, "provider")
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION gateway.{signature}")
    op.drop_table("spent_states")
    op.drop_table("identities")
