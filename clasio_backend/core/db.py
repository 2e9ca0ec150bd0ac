"""The database connection pool of this process, and the check that its role cannot pass the policies."""

import os
import select
import threading
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError

from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ClasioError
from clasio_backend.core.keepalive import POSTGRES_CLIENT, POSTGRES_SERVER

_lock = threading.Lock()
_engine: Engine | None = None
_engine_pid: int | None = None


class UnsafeDatabaseRole(ClasioError):
    """The role of DATABASE_URL would see every organization's rows."""

    code = "unsafe_database_role"
    status = 500


def sqlalchemy_url(url: str) -> URL:
    """`url` as libpq writes it (`postgresql://…`), for SQLAlchemy with psycopg 3."""
    return make_url(url).set(drivername="postgresql+psycopg")


def libpq_url(url: str) -> str:
    """`url` in the form psycopg itself takes."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def get_engine() -> Engine:
    """The process's pool, made at first use and made anew after a fork (a shared socket would mix answers)."""
    global _engine, _engine_pid  # noqa: PLW0603  # one pool per process is the point
    if _engine is None or _engine_pid != os.getpid():
        with _lock:
            if _engine is None or _engine_pid != os.getpid():
                if _engine is not None:
                    _engine.dispose(close=False)
                _engine = make_engine(get_settings().database_url.get_secret_value())
                _engine_pid = os.getpid()
    return _engine


def make_engine(url: str) -> Engine:
    """A pool for `url`; each connection is looked at before use, so a restarted Postgres costs no failed request."""
    engine = create_engine(
        sqlalchemy_url(url),
        pool_size=10,
        max_overflow=10,
        pool_timeout=10,
        hide_parameters=True,  # an error must not carry a document's text into the log
        connect_args={
            "connect_timeout": 5,
            "application_name": "clasio",
            "options": f"-c timezone=UTC {POSTGRES_SERVER}",
            **POSTGRES_CLIENT,
        },
    )

    @event.listens_for(engine, "checkout")
    def refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
        """An idle connection on which bytes wait was most likely closed: only then is asking worth a round trip."""
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
        if waiting.poll(0) and not _answers(engine, connection):
            raise DisconnectionError

    return engine


def _answers(engine: Engine, connection: Any) -> bool:
    try:
        return engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        return False


def ping() -> None:
    """Asks the database for an answer; raises what SQLAlchemy raises when there is none."""
    with get_engine().connect() as connection:
        connection.execute(text("SELECT 1"))


def dispose_engine() -> None:
    """Closes the pool: at shutdown, and between tests that change the database."""
    global _engine  # noqa: PLW0603  # see get_engine
    with _lock:
        if _engine is not None:
            _engine.dispose(close=_engine_pid == os.getpid())
            _engine = None


def refuse_unsafe_role(engine: Engine | None = None) -> None:
    """Raises `UnsafeDatabaseRole` when row-level security would not bind this connection's role.

    Superusers, roles with BYPASSRLS and owners of the tables are not bound by policies (PostgreSQL, "Row Security
    Policies").
    """
    with (engine or get_engine()).connect() as connection:
        row = connection.execute(
            text(
                """
                SELECT r.rolname, r.rolsuper, r.rolbypassrls,
                       EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                               WHERE n.nspname = 'public' AND c.relkind = 'r'
                                 AND pg_has_role(current_user, c.relowner, 'USAGE')) AS owns
                FROM pg_roles r WHERE r.rolname = current_user
                """
            )
        ).one()
    if row.rolsuper or row.rolbypassrls or row.owns:
        raise UnsafeDatabaseRole(
            f"The database role {row.rolname} is not bound by row-level security (superuser, BYPASSRLS or owner of the "
            "tables). Set DATABASE_URL to the application's role and DATABASE_OWNER_URL to the owner's."
        )
