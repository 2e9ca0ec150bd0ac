"""Invites, outgoing mail, and members who have left.

A removed membership stays as a row: the names in an organization's history are read through it.
"""

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ORGANIZATION = "(SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"
PERSON = "(SELECT nullif(current_setting('app.user_id', true), '')::uuid)"
TIME = sa.DateTime(timezone=True)

FUNCTIONS = {
    # Locks the row: two people who use one invite at once take turns.
    "find_invite(p_token_hash bytea)": """
        RETURNS TABLE (organization_id uuid, invite_id uuid) LANGUAGE sql VOLATILE AS $$
            SELECT i.organization_id, i.id FROM invites i JOIN organizations o ON o.id = i.organization_id
            WHERE i.token_hash = p_token_hash AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL
              AND i.expires_at > now() AND o.deleted_at IS NULL
            FOR UPDATE OF i
        $$
    """,
    # Only for somebody whom this organization has switched off or removed.
    "end_sessions_of(p_user_id uuid)": """
        RETURNS SETOF uuid LANGUAGE sql VOLATILE AS $$
            DELETE FROM sessions s
            WHERE s.user_id = p_user_id
              AND (s.organization_id IS NULL
                   OR s.organization_id = nullif(current_setting('app.organization_id', true), '')::uuid)
              AND EXISTS (SELECT 1 FROM memberships m
                          WHERE m.organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
                            AND m.user_id = p_user_id AND NOT m.is_active)
            RETURNING s.id
        $$
    """,
    "kept_mails(p_limit integer)": """
        RETURNS TABLE (organization_id uuid, mail_id uuid) LANGUAGE sql STABLE AS $$
            SELECT m.organization_id, m.id FROM mails m WHERE m.state = 'kept' ORDER BY m.id DESC LIMIT p_limit
        $$
    """,
    "remove_old_mails(p_batch integer)": """
        RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
        DECLARE
            removed integer;
        BEGIN
            DELETE FROM mails WHERE (organization_id, id) IN (
                SELECT organization_id, id FROM mails WHERE created_at < now() - interval '30 days' LIMIT p_batch);
            GET DIAGNOSTICS removed = ROW_COUNT;
            RETURN removed;
        END $$
    """,
}


def upgrade() -> None:
    op.add_column("memberships", sa.Column("removed_at", TIME))
    op.create_table(
        "invites",
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.Uuid()),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("accepted_at", TIME),
        sa.Column("withdrawn_at", TIME),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], ondelete="CASCADE", name="fk_invites_organization"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "invited_by"],
            ["memberships.organization_id", "memberships.user_id"],
            name="fk_invites_invited_by",
        ),
        sa.UniqueConstraint("token_hash", name="uq_invites_token_hash"),
        sa.CheckConstraint("role IN ('owner', 'member')", name="ck_invites_role"),
    )
    op.create_index(
        "uq_invites_open",
        "invites",
        ["organization_id", sa.text("lower(email)")],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "mails",
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("to_address", sa.String(320), nullable=False),
        sa.Column("template", sa.String(40), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", TIME),
        sa.Column("error", sa.String(1000), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], ondelete="CASCADE", name="fk_mails_organization"
        ),
        sa.CheckConstraint("state IN ('queued', 'sent', 'kept', 'failed')", name="ck_mails_state"),
    )
    op.create_index("ix_mails_kept", "mails", ["id"], postgresql_where=sa.text("state = 'kept'"))
    op.create_index("ix_mails_created_at", "mails", ["created_at"])
    for table in ("invites", "mails"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO clasio_app")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY same_organization ON {table} FOR ALL TO clasio_app"
            f" USING (organization_id = {ORGANIZATION}) WITH CHECK (organization_id = {ORGANIZATION})"
        )
    _see_organizations_of("memberships WHERE is_active AND user_id")
    for signature, body in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION gateway.{signature} {body} SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
        )
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA gateway FROM PUBLIC")
    op.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA gateway TO clasio_app")


def _see_organizations_of(rows: str) -> None:
    op.execute("DROP POLICY own_memberships ON organizations")
    op.execute(
        "CREATE POLICY own_memberships ON organizations FOR SELECT TO clasio_app"
        f" USING (id IN (SELECT organization_id FROM {rows} = {PERSON}))"
    )


def downgrade() -> None:
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION gateway.{signature}")
    _see_organizations_of("memberships WHERE user_id")
    op.drop_table("mails")
    op.drop_table("invites")
    op.drop_column("memberships", "removed_at")
