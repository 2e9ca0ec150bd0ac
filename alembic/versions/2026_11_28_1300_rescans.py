"""Finds what came in while the virus scanner was off, to scan it later."""

import sqlalchemy as sa

from alembic import op

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "ops_not_scanned_documents()": """
        RETURNS TABLE (documents bigint) LANGUAGE sql STABLE AS $$
            SELECT count(*) FROM documents d WHERE d.scan = 'not_scanned'
        $$
    """,
    "organizations_not_scanned(p_limit integer)": """
        RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
            SELECT o.id FROM organizations o
            WHERE o.deleted_at IS NULL AND EXISTS (
                SELECT 1 FROM documents d WHERE d.organization_id = o.id AND d.scan = 'not_scanned')
            LIMIT p_limit
        $$
    """,
}


def upgrade() -> None:
    op.create_index(
        "ix_documents_not_scanned",
        "documents",
        ["organization_id", "id"],
        postgresql_where=sa.text("scan = 'not_scanned'"),
    )
    for signature, body in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION gateway.{signature} {body}"
            " SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
        )
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA gateway FROM PUBLIC")
    op.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA gateway TO clasio_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION gateway.organizations_not_scanned(integer)")
    op.execute("DROP FUNCTION gateway.ops_not_scanned_documents()")
    op.drop_index("ix_documents_not_scanned", "documents")
