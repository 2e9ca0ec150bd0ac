"""Usage: owners are told once that a limit comes near; who used what, and when, is read from indexes alone."""

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ORGANIZATION = "(SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"
CREATED = ["organization_id", "created_at", "id"]
NOT_TRASHED = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "usage_notices",
        sa.Column("organization_id", sa.Uuid(), primary_key=True),
        sa.Column("meter", sa.String(40), primary_key=True),
        sa.Column("period", sa.Date(), primary_key=True),
        sa.Column("threshold", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("told_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], ondelete="CASCADE", name="fk_usage_notices_organization"
        ),
        sa.CheckConstraint("threshold BETWEEN 1 AND 100", name="ck_usage_notices_threshold"),
    )
    op.execute("GRANT SELECT, INSERT, DELETE ON usage_notices TO clasio_app")
    op.execute("ALTER TABLE usage_notices ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY same_organization ON usage_notices FOR ALL TO clasio_app"
        f" USING (organization_id = {ORGANIZATION}) WITH CHECK (organization_id = {ORGANIZATION})"
    )
    op.add_column("analyses", sa.Column("requested_by", sa.Uuid()))
    op.execute(
        """
        UPDATE analyses a SET requested_by = coalesce(
            (SELECT j.created_by FROM jobs j WHERE j.organization_id = a.organization_id AND j.id = a.job_id),
            (SELECT d.uploaded_by FROM documents d WHERE d.organization_id = a.organization_id AND d.id = a.document_id))
        """
    )
    op.create_index(
        "ix_analyses_created",
        "analyses",
        ["organization_id", "created_at"],
        postgresql_include=["mode", "source", "requested_by"],
    )
    op.drop_index("ix_documents_created", "documents")
    op.create_index(
        "ix_documents_created",
        "documents",
        CREATED,
        postgresql_include=["uploaded_by", "size_bytes"],
        postgresql_where=NOT_TRASHED,
    )


def downgrade() -> None:
    op.drop_index("ix_documents_created", "documents")
    op.create_index("ix_documents_created", "documents", CREATED, postgresql_where=NOT_TRASHED)
    op.drop_index("ix_analyses_created", "analyses")
    op.drop_column("analyses", "requested_by")
    op.drop_table("usage_notices")
