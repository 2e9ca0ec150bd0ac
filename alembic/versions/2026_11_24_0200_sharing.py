"""Sharing: one document to whoever has the link, for a while.

A visitor's transaction names one document (`app.document_id`); restrictive policies then show that document and
nothing else, whatever a query asks for.
"""

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ORGANIZATION = "(SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"
SHARED = "(SELECT nullif(current_setting('app.document_id', true), '')::uuid)"
TIME = sa.DateTime(timezone=True)

SHARED_ONLY = {"documents": "id", "document_texts": "document_id", "analyses": "document_id", "shares": "document_id"}

FUNCTIONS = {
    # A share ends with the membership under which it was made, and rests while that is switched off.
    "find_share(p_token_hash bytea)": """
        RETURNS TABLE (organization_id uuid, share_id uuid) LANGUAGE sql STABLE AS $$
            SELECT s.organization_id, s.id
            FROM shares s
            JOIN organizations o ON o.id = s.organization_id
            JOIN documents d ON d.organization_id = s.organization_id AND d.id = s.document_id
            JOIN memberships m ON m.organization_id = s.organization_id AND m.user_id = s.created_by
            WHERE s.token_hash = p_token_hash AND s.revoked_at IS NULL AND s.expires_at > now()
              AND o.deleted_at IS NULL AND d.deleted_at IS NULL AND d.outcome <> 'infected'
              AND m.is_active AND m.created_at <= s.created_at
        $$
    """,
    "shares_ending(p_within interval, p_limit integer)": """
        RETURNS TABLE (organization_id uuid, share_id uuid) LANGUAGE sql STABLE AS $$
            SELECT s.organization_id, s.id FROM shares s
            WHERE s.revoked_at IS NULL AND s.told_at IS NULL AND s.expires_at > now()
              AND s.expires_at <= now() + p_within
            ORDER BY s.expires_at LIMIT p_limit
        $$
    """,
}


def upgrade() -> None:
    op.add_column(
        "organizations", sa.Column("max_share_days", sa.SmallInteger(), server_default=sa.text("90"), nullable=False)
    )
    op.create_check_constraint(
        "ck_organizations_max_share_days", "organizations", "max_share_days BETWEEN 1 AND 90"
    )
    op.add_column("activity", sa.Column("share_id", sa.Uuid()))
    op.create_table(
        "shares",
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(320)),
        sa.Column("access", sa.String(20), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME),
        sa.Column("told_at", TIME),
        sa.Column("open_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_opened_at", TIME),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], ondelete="CASCADE", name="fk_shares_organization"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "document_id"],
            ["documents.organization_id", "documents.id"],
            ondelete="CASCADE",
            name="fk_shares_document_id",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "created_by"],
            ["memberships.organization_id", "memberships.user_id"],
            name="fk_shares_created_by",
        ),
        sa.UniqueConstraint("token_hash", name="uq_shares_token_hash"),
        sa.CheckConstraint("access IN ('viewer', 'editor')", name="ck_shares_access"),
    )
    op.create_index("ix_shares_document", "shares", ["organization_id", "document_id"])
    op.create_index(
        "ix_shares_live",
        "shares",
        ["organization_id", "created_at", "id"],
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index(
        "ix_shares_ending",
        "shares",
        ["expires_at"],
        postgresql_where=sa.text("revoked_at IS NULL AND told_at IS NULL"),
    )
    op.create_table(
        "share_opens",
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("device", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], ondelete="CASCADE", name="fk_share_opens_organization"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "share_id"],
            ["shares.organization_id", "shares.id"],
            ondelete="CASCADE",
            name="fk_share_opens_share_id",
        ),
        sa.CheckConstraint("kind IN ('view', 'download')", name="ck_share_opens_kind"),
    )
    op.create_index("ix_share_opens_share", "share_opens", ["organization_id", "share_id", "at"])
    for table in ("shares", "share_opens"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO clasio_app")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY same_organization ON {table} FOR ALL TO clasio_app"
            f" USING (organization_id = {ORGANIZATION}) WITH CHECK (organization_id = {ORGANIZATION})"
        )
    for table, column in SHARED_ONLY.items():
        op.execute(
            f"CREATE POLICY shared_document_only ON {table} AS RESTRICTIVE FOR ALL TO clasio_app"
            f" USING ({SHARED} IS NULL OR {column} = {SHARED})"
        )
    for signature, body in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION gateway.{signature} {body} SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
        )
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA gateway FROM PUBLIC")
    op.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA gateway TO clasio_app")


def downgrade() -> None:
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION gateway.{signature}")
    for table in SHARED_ONLY:
        op.execute(f"DROP POLICY shared_document_only ON {table}")
    op.drop_table("share_opens")
    op.drop_table("shares")
    op.drop_column("activity", "share_id")
    op.drop_column("organizations", "max_share_days")
