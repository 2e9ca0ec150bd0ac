"""The customer's terms: what is never sent to AI, categories that are merged, and values that can be taken back."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NO = sa.text("false")


def upgrade() -> None:
    op.add_column("organizations", sa.Column("local_only", sa.Boolean(), nullable=False, server_default=NO))
    op.add_column("categories", sa.Column("never_send", sa.Boolean(), nullable=False, server_default=NO))
    op.add_column("categories", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_categories_merged_into_id",
        "categories",
        "categories",
        ["organization_id", "merged_into_id"],
        ["organization_id", "id"],
    )
    op.add_column("documents", sa.Column("never_send", sa.Boolean(), nullable=False, server_default=NO))
    op.add_column("documents", sa.Column("analysis_note", sa.String(500), nullable=True))
    op.add_column(
        "documents", sa.Column("earlier_values", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb"))
    )


def downgrade() -> None:
    for column in ("earlier_values", "analysis_note", "never_send"):
        op.drop_column("documents", column)
    op.drop_constraint("fk_categories_merged_into_id", "categories")
    op.drop_column("categories", "merged_into_id")
    op.drop_column("categories", "never_send")
    op.drop_column("organizations", "local_only")
