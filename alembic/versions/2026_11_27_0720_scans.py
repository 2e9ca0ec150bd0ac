"""The virus scanner's verdicts: what was found, by which engine and database, and why an owner released it."""

import sqlalchemy as sa

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FUNCTION = """
    CREATE FUNCTION gateway.ops_unscanned_documents()
    RETURNS TABLE (documents bigint, oldest timestamptz) LANGUAGE sql STABLE AS $$
        SELECT count(*), min(d.created_at) FROM documents d WHERE d.deleted_at IS NULL AND d.scan = 'pending'
    $$
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
"""


def upgrade() -> None:
    op.add_column("documents", sa.Column("scan_signature", sa.String(200), nullable=True))
    op.add_column("documents", sa.Column("scan_engine", sa.String(200), nullable=True))
    op.add_column("documents", sa.Column("release_reason", sa.String(500), nullable=True))
    op.create_index(
        "ix_documents_quarantine",
        "documents",
        ["organization_id", "scanned_at", "id"],
        postgresql_where=sa.text("deleted_at IS NULL AND outcome = 'infected'"),
    )
    op.create_index(
        "ix_documents_unscanned",
        "documents",
        ["created_at"],
        postgresql_where=sa.text("deleted_at IS NULL AND scan = 'pending'"),
    )
    op.execute(FUNCTION)
    op.execute("REVOKE ALL ON FUNCTION gateway.ops_unscanned_documents() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION gateway.ops_unscanned_documents() TO clasio_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION gateway.ops_unscanned_documents()")
    op.drop_index("ix_documents_unscanned", "documents")
    op.drop_index("ix_documents_quarantine", "documents")
    for column in ("release_reason", "scan_engine", "scan_signature"):
        op.drop_column("documents", column)
