"""An organization can require two-factor sign-in of everybody in it, and its owners see who has turned it on."""

import sqlalchemy as sa

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

FUNCTION = """
    CREATE FUNCTION gateway.members_with_second_factor()
    RETURNS TABLE (user_id uuid) LANGUAGE sql STABLE AS $$
        SELECT m.user_id FROM memberships m JOIN second_factors f ON f.user_id = m.user_id
        WHERE m.organization_id = nullif(current_setting('app.organization_id', true), '')::uuid
          AND m.removed_at IS NULL AND f.confirmed_at IS NOT NULL
    $$
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
"""


def upgrade() -> None:
    op.add_column(
        "organizations",
        sa.Column("requires_second_factor", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.execute(FUNCTION)
    op.execute("REVOKE ALL ON FUNCTION gateway.members_with_second_factor() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION gateway.members_with_second_factor() TO clasio_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION gateway.members_with_second_factor()")
    op.drop_column("organizations", "requires_second_factor")
