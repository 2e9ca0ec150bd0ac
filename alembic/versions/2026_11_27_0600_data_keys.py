"""Files are encrypted, with a key per organization; bytes that were stored before are not readable any more.

No version that stored them otherwise was released. An organization of a try-out comes over by `export` and `import`.
"""

import sqlalchemy as sa

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ORGANIZATION = "(SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "data_keys",
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], ondelete="CASCADE", name="fk_data_keys_organization"
        ),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON data_keys TO clasio_app")
    op.execute("ALTER TABLE data_keys ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY same_organization ON data_keys FOR ALL TO clasio_app"
        f" USING (organization_id = {ORGANIZATION}) WITH CHECK (organization_id = {ORGANIZATION})"
    )
    # Keeps a try-out's rows, though their bytes are lost to it: a column without a value would stop the migration.
    op.execute("ALTER TABLE blobs ALTER COLUMN format DROP DEFAULT")
    op.execute("UPDATE blobs SET key_id = organization_id WHERE key_id IS NULL")
    op.execute("ALTER TABLE blobs ALTER COLUMN key_id TYPE uuid USING key_id::uuid, ALTER COLUMN key_id SET NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE blobs ALTER COLUMN key_id DROP NOT NULL, ALTER COLUMN key_id TYPE varchar(64) USING key_id::text")
    op.execute("ALTER TABLE blobs ALTER COLUMN format SET DEFAULT 'raw'")
    op.drop_table("data_keys")
