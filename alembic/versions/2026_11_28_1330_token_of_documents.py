"""Which API token brought a document, so that a token that may only add sees how far its own are. Unknown of old ones."""

import sqlalchemy as sa

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("token_id", sa.Uuid()))


def downgrade() -> None:
    op.drop_column("documents", "token_id")
