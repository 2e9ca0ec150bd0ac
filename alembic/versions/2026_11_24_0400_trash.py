"""The trash: listed by when documents went into it, and found across organizations when their 30 days are over."""

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TRASHED = sa.text("deleted_at IS NOT NULL")
FUNCTION = """
    CREATE FUNCTION gateway.documents_to_purge(p_kept_for interval, p_limit integer)
    RETURNS TABLE (organization_id uuid, document_id uuid) LANGUAGE sql STABLE AS $$
        SELECT d.organization_id, d.id FROM documents d
        WHERE d.deleted_at < now() - p_kept_for
        ORDER BY d.deleted_at LIMIT p_limit
    $$
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
"""


def upgrade() -> None:
    op.create_index(
        "ix_documents_trash", "documents", ["organization_id", "deleted_at", "id"], postgresql_where=TRASHED
    )
    op.create_index("ix_documents_purge", "documents", ["deleted_at"], postgresql_where=TRASHED)
    op.execute(FUNCTION)
    op.execute("REVOKE ALL ON FUNCTION gateway.documents_to_purge(interval, integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION gateway.documents_to_purge(interval, integer) TO clasio_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION gateway.documents_to_purge(interval, integer)")
    op.drop_index("ix_documents_purge", "documents")
    op.drop_index("ix_documents_trash", "documents")
