"""Links that come by mail: for a forgotten password, and for an address that is to be confirmed.

A link works once, as before. One for a password works only while the address that it went to is the person's and the
password has not been changed since; of those that confirm an address only the newest works.
"""

import sqlalchemy as sa

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

PERSON = "(SELECT nullif(current_setting('app.user_id', true), '')::uuid)"
FIND = """
    CREATE OR REPLACE FUNCTION gateway.find_link(p_token_hash bytea, p_purpose text)
    RETURNS TABLE (link_id uuid, user_id uuid) LANGUAGE plpgsql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('clasio one-time link'));
        RETURN QUERY
            SELECT l.id, l.user_id FROM one_time_links l
            WHERE l.token_hash = p_token_hash AND l.purpose = p_purpose AND l.used_at IS NULL AND l.expires_at > now()
              AND (p_purpose <> 'setup' OR NOT EXISTS (SELECT 1 FROM users)){conditions};
    END $$
"""
STILL_MEANT = """
              AND (p_purpose NOT IN ('reset_password', 'confirm_email')
                   OR EXISTS (SELECT 1 FROM users u WHERE u.id = l.user_id AND u.is_active))
              AND (p_purpose <> 'reset_password' OR EXISTS (
                  SELECT 1 FROM users u WHERE u.id = l.user_id AND lower(u.email) = lower(l.email)
                    AND l.created_at >= coalesce(u.password_changed_at, l.created_at)))
              AND (p_purpose <> 'confirm_email' OR NOT EXISTS (
                  SELECT 1 FROM one_time_links n
                  WHERE n.user_id = l.user_id AND n.purpose = l.purpose AND n.created_at > l.created_at))"""


def upgrade() -> None:
    op.add_column("users", sa.Column("email_verified_at", sa.DateTime(timezone=True)))
    op.add_column("one_time_links", sa.Column("email", sa.String(320)))
    op.create_index("ix_one_time_links_user", "one_time_links", ["user_id"])
    _allow("'setup', 'set_password', 'reset_password', 'confirm_email'")
    op.execute(FIND.format(conditions=STILL_MEANT))
    op.execute("GRANT SELECT (id, user_id, email) ON one_time_links TO clasio_app")
    op.execute(f"CREATE POLICY own ON one_time_links FOR SELECT TO clasio_app USING (user_id = {PERSON})")


def downgrade() -> None:
    op.execute("DELETE FROM one_time_links WHERE purpose IN ('reset_password', 'confirm_email')")
    op.execute("DROP POLICY own ON one_time_links")
    op.execute("REVOKE SELECT (id, user_id, email) ON one_time_links FROM clasio_app")
    op.execute(FIND.format(conditions=""))
    _allow("'setup', 'set_password'")
    op.drop_index("ix_one_time_links_user", "one_time_links")
    op.drop_column("one_time_links", "email")
    op.drop_column("users", "email_verified_at")


def _allow(purposes: str) -> None:
    op.drop_constraint("ck_one_time_links_purpose", "one_time_links")
    op.create_check_constraint("ck_one_time_links_purpose", "one_time_links", f"purpose IN ({purposes})")

