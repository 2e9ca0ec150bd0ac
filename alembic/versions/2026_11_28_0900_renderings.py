"""What was drawn of documents' pages: where it lies, or who is drawing it."""

import sqlalchemy as sa

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
ORGANIZATION = "(SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"
SHARED = "(SELECT nullif(current_setting('app.document_id', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "renderings",
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("document_id", sa.Uuid(), primary_key=True),
        sa.Column("page", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("version", sa.String(80), nullable=False),
        sa.Column("file_id", sa.Uuid()),
        sa.Column("failure", sa.String(60)),
        sa.Column("lease_token", sa.Uuid()),
        sa.Column("lease_expires_at", TIME),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "document_id"],
            ["documents.organization_id", "documents.id"],
            ondelete="CASCADE",
            name="fk_renderings_document_id",
        ),
        sa.CheckConstraint("kind IN ('page', 'thumbnail', 'words', 'outline')", name="ck_renderings_kind"),
        sa.CheckConstraint("page >= 0", name="ck_renderings_page"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON renderings TO clasio_app")
    op.execute("ALTER TABLE renderings ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY same_organization ON renderings FOR ALL TO clasio_app"
        f" USING (organization_id = {ORGANIZATION}) WITH CHECK (organization_id = {ORGANIZATION})"
    )
    op.execute(
        "CREATE POLICY shared_document_only ON renderings AS RESTRICTIVE FOR ALL TO clasio_app"
        f" USING ({SHARED} IS NULL OR document_id = {SHARED})"
    )


def downgrade() -> None:
    op.drop_table("renderings")
