"""Exports and imports: what is being made or kept, and what of it has had its day."""

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ORGANIZATION = "(SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"
TIME = sa.DateTime(timezone=True)

FUNCTIONS = {
    "exports_to_remove(p_limit integer)": """
        RETURNS TABLE (organization_id uuid, export_id uuid) LANGUAGE sql STABLE AS $$
            SELECT e.organization_id, e.id FROM exports e
            WHERE e.expires_at < now() ORDER BY e.expires_at LIMIT p_limit
        $$
    """,
    "unfinished_imports(p_silent_for interval, p_limit integer)": """
        RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
            SELECT i.organization_id FROM imports i
            WHERE i.finished_at IS NULL AND i.seen_at < now() - p_silent_for ORDER BY i.seen_at LIMIT p_limit
        $$
    """,
}


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("job_id", sa.Uuid()),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("file_id", sa.Uuid()),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("sha256", sa.String(64)),
        sa.Column("left_out", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.String(500)),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", TIME),
        sa.Column("expires_at", TIME),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], ondelete="CASCADE", name="fk_exports_organization"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "requested_by"],
            ["memberships.organization_id", "memberships.user_id"],
            name="fk_exports_requested_by",
        ),
        sa.CheckConstraint("kind IN ('organization', 'person')", name="ck_exports_kind"),
        sa.CheckConstraint("state IN ('queued', 'running', 'ready', 'failed', 'removed')", name="ck_exports_state"),
    )
    op.create_index(
        "uq_exports_running",
        "exports",
        ["organization_id", "requested_by", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(
        "ix_exports_expires_at", "exports", ["expires_at"], postgresql_where=sa.text("expires_at IS NOT NULL")
    )
    op.create_table(
        "imports",
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("from_organization_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("abandoned_at", TIME),
        sa.Column("finished_at", TIME),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], ondelete="CASCADE", name="fk_imports_organization"
        ),
    )
    op.create_index("ix_imports_unfinished", "imports", ["seen_at"], postgresql_where=sa.text("finished_at IS NULL"))
    for table in ("exports", "imports"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO clasio_app")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY same_organization ON {table} FOR ALL TO clasio_app"
            f" USING (organization_id = {ORGANIZATION}) WITH CHECK (organization_id = {ORGANIZATION})"
        )
    for signature, body in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION gateway.{signature} {body} SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
        )
        op.execute(f"REVOKE ALL ON FUNCTION gateway.{signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION gateway.{signature} TO clasio_app")


def downgrade() -> None:
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION gateway.{signature}")
    op.drop_table("imports")
    op.drop_table("exports")
