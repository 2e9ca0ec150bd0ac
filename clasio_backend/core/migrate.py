"""Brings the schema to this version: once at a time, as the owner's role, never waiting long for a lock."""

from collections.abc import Callable

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from alembic import command
from clasio_backend.core.config import PROJECT, get_settings
from clasio_backend.core.db import sqlalchemy_url

APP_ROLE = "clasio_app"
_ADVISORY_LOCK = 4_727_341_201
_LOCK_TIMEOUT = "5s"


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Runs the migrations up to `revision`; safe to call from several hosts at once."""
    with _owner(owner_url).connect() as connection:
        _with_lock(connection, lambda config: command.upgrade(config, revision))
        _grant_app_role(connection)
        connection.commit()


def downgrade(owner_url: str, revision: str) -> None:
    """Runs the migrations down to `revision` (`base` removes every table)."""
    with _owner(owner_url).connect() as connection:
        _with_lock(connection, lambda config: command.downgrade(config, revision))


def pending_revisions(engine: Engine) -> bool:
    """Whether the database lacks a migration that this version has."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current != ScriptDirectory.from_config(_config()).get_current_head()


def reach(owner_url: str) -> None:
    """Raises what SQLAlchemy raises when the owner cannot get into the database."""
    with _owner(owner_url).connect():
        pass


def _owner(owner_url: str) -> Engine:
    return create_engine(sqlalchemy_url(owner_url), poolclass=NullPool)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "alembic").replace("%", "%%"))
    return config


def _with_lock(connection: Connection, run: Callable[[Config], None]) -> None:
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
    connection.execute(text("SELECT set_config('lock_timeout', :timeout, false)"), {"timeout": _LOCK_TIMEOUT})
    connection.commit()
    try:
        config = _config()
        config.attributes["connection"] = connection
        run(config)
        connection.commit()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_LOCK})
        connection.commit()


def _grant_app_role(connection: Connection) -> None:
    """The policies name `clasio_app`; an outside server may log in as another role, which then becomes a member."""
    login = make_url(get_settings().database_url.get_secret_value()).username
    if not login or login == APP_ROLE:
        return
    preparer = connection.dialect.identifier_preparer
    connection.execute(text(f"GRANT {APP_ROLE} TO {preparer.quote_identifier(login)}"))
