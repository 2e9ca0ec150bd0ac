"""One instance's folder (`--data`): its secrets, its embedded servers, and the settings its processes run with."""

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from dotenv import dotenv_values

from clasio_backend.cli.embedded.binaries import OPEN_PLACE, is_open_to_others
from clasio_backend.cli.embedded.postgres import EmbeddedPostgres, PostgresPasswords
from clasio_backend.cli.embedded.valkey import EmbeddedValkey
from clasio_backend.core.config import PROJECT, Settings
from clasio_backend.core.errors import ClasioError

DEFAULT_DATA = PROJECT / ".clasio"
NEEDED = {
    "SECRET_KEY": "at least 32 characters, the same on every host",
    "DATABASE_URL": "postgresql://user:password@host/database, as the application's role",
    "REDIS_URL": "redis://:password@host:6379",
    "STORAGE_URL": "s3://bucket/prefix, or file:///folder that every host mounts",
}
"""What a process cannot make for itself, and what it looks like."""


class InstanceError(ClasioError):
    """Something about this machine or folder keeps Clasio from starting; the message says what to do."""

    code = "instance"
    status = 500


class Instance:
    """Settings come from the environment, then `.env`, then from what this instance made for itself."""

    def __init__(self, data: Path | None) -> None:
        self.data = (data or DEFAULT_DATA).expanduser().resolve()
        self._locks: list[IO[str]] = []

    @property
    def servers(self) -> Path:
        """Where Postgres lives: below `data`, unless others cannot enter there, and so not root's Postgres.

        Decided once: the pointer stays true when folders are opened, closed or moved, and a fresh folder never finds
        the database of one that was deleted.
        """
        pointer = self.data / "servers-are-in"
        if pointer.exists():
            place = Path(pointer.read_text().strip())
            if not place.is_dir():
                raise InstanceError(
                    f"The database of {self.data} was in {place}, which is gone. Put it back, or use another --data."
                )
            return place
        if os.geteuid() != 0 or (self.data / "postgres").exists() or is_open_to_others(self.data):
            return self.data
        place = OPEN_PLACE / secrets.token_hex(6)
        place.mkdir(parents=True)
        for folder in (OPEN_PLACE, place):
            folder.chmod(0o711)  # whatever the umask: Postgres's user passes through
        write_private(pointer, f"{place}\n")
        return place

    def lock(self) -> None:
        """Claims the folder for this process; it is free again when the process ends, however it ends."""
        try:
            if not self.data.exists():
                self.data.mkdir(parents=True)
                # Root's Postgres runs as another user, who passes through; each file in it is closed by itself.
                self.data.chmod(0o711 if os.geteuid() == 0 else 0o700)
            self._locks = [_claim(self.data / "lock")]
            if self.servers != self.data:  # a copied folder points to the same place
                self._locks.append(_claim(self.servers / "lock"))
        except BlockingIOError as error:
            raise InstanceError(
                f"Clasio is already running with the data in {self.data}. Stop it, or use --data."
            ) from error
        except PermissionError as error:
            raise InstanceError(
                f"{error.filename} belongs to another user. Start Clasio as that user, or use --data."
            ) from error
        except OSError as error:  # a read-only disk, a full one, a file where the folder should be
            raise InstanceError(
                f"{error.filename} cannot be written ({error.strerror}). Use --data with a folder that can."
            ) from error

    @property
    def given(self) -> dict[str, str]:
        """What the operator set, in the environment or in `.env`."""
        names = {field.upper() for field in Settings.model_fields}
        names |= {f"{name}_FILE" for name in names}
        written = {name.upper(): value for name, value in dotenv_values(PROJECT / ".env").items() if value}
        return {name: value for name, value in (written | dict(os.environ)).items() if name in names and value}

    def is_given(self, name: str) -> bool:
        return name in self.given or f"{name}_FILE" in self.given

    def secret(self, name: str) -> str:
        """A secret of this instance, made at first use and kept with mode 0600."""
        if name not in self._secrets():
            self.keep_secret(name, secrets.token_urlsafe(36))
        return self._secrets()[name]

    def keep_secret(self, name: str, value: str) -> None:
        write_private(self.data / "secrets.json", json.dumps(self._secrets() | {name: value}, indent=2))

    def _secrets(self) -> dict[str, str]:
        path = self.data / "secrets.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return known

    def postgres(self) -> EmbeddedPostgres:
        passwords = PostgresPasswords(*(self.secret(f"postgres {role}") for role in ("superuser", "owner", "app")))
        return EmbeddedPostgres(self.servers / "postgres", passwords, port=self._port("postgres"))

    def valkey(self) -> EmbeddedValkey:
        return EmbeddedValkey(self.data / "valkey", self.secret("valkey"), port=self._port("valkey"))

    def _port(self, server: str) -> int | None:
        ports = self._ports()
        return ports.get(server)

    def _ports(self) -> dict[str, int]:
        path = self.data / "ports.json"
        known: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        return known

    def remember_port(self, server: str, port: int) -> None:
        write_private(self.data / "ports.json", json.dumps(self._ports() | {server: port}))

    def settings(self, made: Mapping[str, str]) -> dict[str, str]:
        """The settings of every process: what was given, completed by what `up` made; kept for other commands."""
        own = {"SECRET_KEY": self.secret("secret key"), "STORAGE_URL": (self.data / "blobs").as_uri()}
        complete = {name: value for name, value in (own | dict(made)).items() if not self.is_given(name)}
        write_private(self.data / "settings.json", json.dumps(complete, indent=2))
        return complete | self.given

    def apply(self) -> None:
        """Puts the settings that `up` runs with into this process's environment: for commands beside it."""
        path = self.data / "settings.json"
        if path.exists():
            for name, value in json.loads(path.read_text()).items():
                if not self.is_given(name):
                    os.environ[name] = value
        os.environ |= self.given
        missing = [f"{name} ({form})" for name, form in NEEDED.items() if not self.is_given(name)]
        if missing:
            raise InstanceError(
                f"There is no instance in {self.data}. Start it with ./clasio up, or set: {'; '.join(missing)}."
                " Each also works as NAME_FILE, holding the path of a file."
            )


def _claim(path: Path) -> IO[str]:
    """Holds the lock file while it is open; raises BlockingIOError when another process holds it."""
    lock = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise
    return lock


def write_private(path: Path, text: str) -> None:
    """Writes a file that only this user can read, whole or not at all."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
