"""Reservations in use: indexes for what is asked of them, and who holds one for too long."""

import sqlalchemy as sa

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_usage_reservations_closed": (["settled_at"], "settled_at IS NOT NULL"),
    "ix_usage_reservations_job": (["organization_id", "job_id"], "settled_at IS NULL"),
    "ix_usage_reservations_created": (["organization_id", "created_at"], None),
}
FUNCTION = "organizations_with_old_reservations(p_closed_for interval, p_limit integer)"
BODY = """
    RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
        SELECT organization_id FROM (
            SELECT r.organization_id FROM usage_reservations r WHERE r.settled_at IS NULL AND r.expires_at < now()
            UNION
            SELECT r.organization_id FROM usage_reservations r WHERE r.settled_at < now() - p_closed_for
        ) AS old ORDER BY organization_id LIMIT p_limit
    $$
"""


def upgrade() -> None:
    for name, (columns, condition) in INDEXES.items():
        op.create_index(name, "usage_reservations", columns, postgresql_where=sa.text(condition) if condition else None)
    op.execute(f"CREATE FUNCTION gateway.{FUNCTION} {BODY} SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp")
    op.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA gateway FROM PUBLIC")
    op.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA gateway TO clasio_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION gateway.{FUNCTION}")
    for name in INDEXES:
        op.drop_index(name, "usage_reservations")
