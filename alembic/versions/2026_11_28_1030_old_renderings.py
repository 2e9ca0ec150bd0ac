"""Pictures of pages go after a while: which documents have old ones."""

import sqlalchemy as sa

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

FUNCTION = """
    CREATE FUNCTION gateway.documents_with_old_renderings(p_older_than interval, p_limit integer)
    RETURNS TABLE (organization_id uuid, document_id uuid) LANGUAGE sql STABLE AS $$
        SELECT r.organization_id, r.document_id FROM renderings r
        WHERE r.created_at < now() - p_older_than AND NOT (r.kind = 'thumbnail' AND r.page = 1)
        GROUP BY r.organization_id, r.document_id ORDER BY min(r.created_at) LIMIT p_limit
    $$
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
"""


def upgrade() -> None:
    op.create_index(
        "ix_renderings_created_at",
        "renderings",
        ["created_at"],
        postgresql_where=sa.text("NOT (kind = 'thumbnail' AND page = 1)"),
    )
    op.execute(FUNCTION)
    op.execute("REVOKE ALL ON FUNCTION gateway.documents_with_old_renderings(interval, integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION gateway.documents_with_old_renderings(interval, integer) TO clasio_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION gateway.documents_with_old_renderings(interval, integer)")
    op.drop_index("ix_renderings_created_at", "renderings")
