"""An organization can have a new data key; what lies under it has a folder of its own in the store."""

import sqlalchemy as sa

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "data_keys", sa.Column("has_folder", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )


def downgrade() -> None:
    # The version before would look for the files of such a key in another place: it says so instead of losing them.
    op.execute("""
        DO $$ BEGIN
            IF EXISTS (SELECT 1 FROM data_keys WHERE has_folder) THEN
                RAISE EXCEPTION 'some organizations have a new data key, which the version before cannot find';
            END IF;
        END $$
    """)
    op.drop_column("data_keys", "has_folder")
