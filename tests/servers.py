"""A real Postgres and a real Valkey for one test process, in a folder of their own, started when first wanted.

The ports and passwords are known before the servers run, so that settings can be made when pytest starts.
"""

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from clasio_backend.cli.embedded.postgres import EmbeddedPostgres, PostgresPasswords
from clasio_backend.cli.embedded.valkey import EmbeddedValkey
from clasio_backend.core.migrate import upgrade


class Servers:
    """One pair of servers; `owner_url` and `superuser_url` are for tests that must pass by the policies."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="clasio-tests-"))
        self.folder.chmod(0o755)  # Postgres runs as another user when we are root
        passwords = PostgresPasswords(*(secrets.token_hex(12) for _ in range(3)))
        self.postgres = EmbeddedPostgres(self.folder / "postgres", passwords, durable=False)
        self.valkey = EmbeddedValkey(self.folder / "valkey", secrets.token_hex(12))
        self.owner_url = self.postgres.owner_url
        self.app_url = self.postgres.app_url
        self.superuser_url = _as_user(self.owner_url, "postgres", passwords.superuser)
        self._looking: psycopg.Connection | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to work with these servers."""
        return {
            "SECRET_KEY": "only for tests: nothing is signed with it elsewhere",
            "BASE_URL": "http://127.0.0.1:8000",
            "DATABASE_URL": self.app_url,
            "DATABASE_OWNER_URL": self.owner_url,
            "REDIS_URL": self.valkey.url,
            "STORAGE_URL": f"file://{self.folder}/blobs",
        }

    def start(self) -> None:
        self.postgres.start()
        self.valkey.start()
        upgrade(self.owner_url)

    def stop(self) -> None:
        if self._looking is not None:
            self._looking.close()
        self.valkey.stop()
        self.postgres.stop()

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def as_owner(self) -> Iterator[psycopg.Connection]:
        """A connection that the policies do not bind, for looking and for preparing; commits each statement."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            yield connection

    def look(self, query: str, values: dict[str, object]) -> list[tuple[Any, ...]]:
        """As the owner, for whoever looks some thousand times: over a connection that is kept open."""
        if self._looking is not None:
            try:
                return self._looking.execute(query.encode(), values).fetchall()
            except psycopg.OperationalError:  # a test stopped the server meanwhile
                self._looking.close()
        self._looking = psycopg.connect(self.owner_url, autocommit=True)
        return self._looking.execute(query.encode(), values).fetchall()

    @contextmanager
    def as_app(self) -> Iterator[psycopg.Connection]:
        """A bare connection of the application's role: what is left when the repositories' filter is passed by."""
        with psycopg.connect(self.app_url) as connection:
            yield connection

    @contextmanager
    def hanging_redis(self) -> Iterator[None]:
        """Valkey takes connections and answers nothing, as one does whose machine is stuck."""
        assert self.valkey.process is not None
        self.valkey.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.valkey.process.send_signal(signal.SIGCONT)

    def empty(self) -> None:
        """Removes every row, as if the instance had just been made."""
        with self.as_owner() as connection:
            rows = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            ).fetchall()
            connection.execute(f"TRUNCATE {', '.join(row[0] for row in rows)}".encode())

    @contextmanager
    def scratch_database(self) -> Iterator[str]:
        """The owner's URL of another, empty database on the same server, dropped afterwards."""
        name = f"scratch_{secrets.token_hex(4)}"
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER clasio_owner")
            try:
                yield urlunsplit(urlsplit(self.owner_url)._replace(path=f"/{name}"))
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _as_user(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.hostname}:{parts.port}"))


def clear_settings_from_environment() -> None:
    """A developer's own settings must not steer the tests."""
    from clasio_backend.core.config import Settings  # noqa: PLC0415  # after the environment was cleared

    for field in Settings.model_fields:
        os.environ.pop(field.upper(), None)
        os.environ.pop(f"{field.upper()}_FILE", None)
    Settings.model_config["env_file"] = None
