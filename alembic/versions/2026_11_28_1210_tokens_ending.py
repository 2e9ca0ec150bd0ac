"""Finds the API tokens that end soon, whose owners are told once."""

import sqlalchemy as sa

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_api_tokens_ending",
        "api_tokens",
        ["expires_at"],
        postgresql_where=sa.text("revoked_at IS NULL AND told_at IS NULL"),
    )
    op.execute("""
        CREATE FUNCTION gateway.tokens_ending(p_within interval, p_limit integer)
        RETURNS TABLE (organization_id uuid, token_id uuid) LANGUAGE sql STABLE
        SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT t.organization_id, t.id
            FROM api_tokens t
            JOIN organizations o ON o.id = t.organization_id
            JOIN memberships m ON m.organization_id = t.organization_id AND m.user_id = t.user_id
            JOIN users u ON u.id = t.user_id
            WHERE t.revoked_at IS NULL AND t.told_at IS NULL AND t.expires_at > now()
              AND t.expires_at <= now() + p_within AND o.deleted_at IS NULL AND m.is_active AND u.is_active
            ORDER BY t.expires_at LIMIT p_limit
        $$
    """)
    op.execute("REVOKE ALL ON FUNCTION gateway.tokens_ending(interval, integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION gateway.tokens_ending(interval, integer) TO clasio_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION gateway.tokens_ending(interval, integer)")
    op.drop_index("ix_api_tokens_ending", "api_tokens")
