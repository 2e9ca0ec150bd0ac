import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import clasio_backend.models  # noqa: F401  # registers the tables
from clasio_backend.core.config import PROJECT
from clasio_backend.core.db import sqlalchemy_url
from clasio_backend.core.migrate import downgrade, pending_revisions, upgrade
from clasio_backend.core.schema_version import is_behind
from tests.servers import Servers

THINGS = """
    SELECT 'table ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
    UNION ALL SELECT 'function ' || p.oid::regprocedure::text FROM pg_proc p
    WHERE pronamespace::regnamespace::text IN ('public', 'gateway')
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL SELECT 'policy ' || tablename || '.' || policyname FROM pg_policies
    UNION ALL SELECT 'grant ' || table_name || ' ' || privilege_type || ' ' || grantee
    FROM information_schema.role_table_grants WHERE table_schema = 'public' AND grantee LIKE 'clasio%'
    ORDER BY 1
"""


def things(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute(THINGS)]


def test_models_and_migrations_agree(servers: Servers) -> None:
    engine = create_engine(sqlalchemy_url(servers.owner_url), poolclass=NullPool)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_migrations_go_down_and_up_again(servers: Servers) -> None:
    with servers.scratch_database() as url:
        upgrade(url)
        first = things(url)
        downgrade(url, "base")
        assert [thing for thing in things(url) if "alembic_version" not in thing] == []
        upgrade(url)
        assert things(url) == first


def test_running_them_again_changes_nothing(servers: Servers) -> None:
    before = things(servers.owner_url)
    upgrade(servers.owner_url)
    assert things(servers.owner_url) == before


def test_a_database_without_the_last_migration_says_so(servers: Servers) -> None:
    with servers.scratch_database() as url:
        engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
        upgrade(url, "0001")
        assert pending_revisions(engine)
        assert is_behind(engine)
        upgrade(url)
        assert not pending_revisions(engine)
        assert not is_behind(engine)


def test_every_migration_but_the_last_is_one_to_wait_behind(servers: Servers) -> None:
    """What background processes know without alembic is what alembic knows; a newer schema is none to wait for."""
    script = ScriptDirectory(str(PROJECT / "alembic"))
    with servers.scratch_database() as url:
        engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
        upgrade(url)
        for revision in (*(migration.revision for migration in script.walk_revisions()), "newer"):
            with psycopg.connect(url) as connection:
                connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
            assert is_behind(engine) is (revision not in {script.get_current_head(), "newer"}), revision
