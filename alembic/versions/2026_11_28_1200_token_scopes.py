"""What an API token is for, and when its owner was told that it ends. Tokens that are there may do everything."""

import sqlalchemy as sa

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_tokens", sa.Column("scope", sa.String(20), nullable=False, server_default="everything"))
    op.add_column("api_tokens", sa.Column("told_at", sa.DateTime(timezone=True)))
    op.create_check_constraint("ck_api_tokens_scope", "api_tokens", "scope IN ('everything', 'read', 'add')")


def downgrade() -> None:
    # Without scopes every token may do everything: one that was made for less ends instead.
    op.execute("UPDATE api_tokens SET revoked_at = coalesce(revoked_at, now()) WHERE scope <> 'everything'")
    op.drop_constraint("ck_api_tokens_scope", "api_tokens")
    op.drop_column("api_tokens", "told_at")
    op.drop_column("api_tokens", "scope")
