"""A Postgres of our own: made once with real roles and passwords, loopback only, one folder."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from clasio_backend.cli.embedded.binaries import is_open_to_others, postgres_programs, server_user
from clasio_backend.cli.embedded.errors import ServerDidNotStart
from clasio_backend.cli.embedded.process import end_orphan, free_port, open_log, spawn, stop, wait_until

DATABASE = "clasio"
OWNER, APP = "clasio_owner", "clasio_app"
START_SECONDS = 120  # recovery after a crash may take a while
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "120",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # statements hold people's text
}


def shared_buffers_mb() -> int:
    """An eighth of the machine's memory, from 128 to 1,024 MB: search reads its index from there."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(128, min(1024, memory // 8 // 2**20))


@dataclass(frozen=True, slots=True)
class PostgresPasswords:
    superuser: str
    owner: str
    app: str


class EmbeddedPostgres:
    """`folder` holds the data (`data`) and the log; it is given to an unprivileged user when we are root."""

    def __init__(
        self, folder: Path, passwords: PostgresPasswords, *, port: int | None = None, durable: bool = True
    ) -> None:
        self.folder = folder.absolute()
        self.port = free_port(port)
        self._passwords = passwords
        self._durable = durable
        self._data = self.folder / "data"
        self._user = self._owner_of_data() or server_user()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def owner_url(self) -> str:
        return self._url(OWNER, self._passwords.owner)

    @property
    def app_url(self) -> str:
        return self._url(APP, self._passwords.app)

    def _url(self, user: str, password: str, database: str = DATABASE) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    @property
    def _superuser_url(self) -> str:
        return self._url("postgres", self._passwords.superuser, "postgres")

    def start(self) -> None:
        """Starts the server, making it first when it is not there; ends a server that an earlier life left behind."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._user:
            self.folder.chmod(0o711)  # whatever the umask: the server's user passes through
            if not is_open_to_others(self.folder):
                raise ServerDidNotStart(
                    f"Postgres cannot run as root, and others cannot enter {self.folder}. Use --data."
                )
        programs = postgres_programs(self.folder if self._user else None)
        self._make(programs)
        end_orphan(self._data / "postmaster.pid", str(self._data), signal.SIGINT)
        settings = (
            SETTINGS
            | {"port": str(self.port), "shared_buffers": f"{shared_buffers_mb()}MB"}
            | ({} if self._durable else {"fsync": "off", "full_page_writes": "off"})
        )
        command: list[str | Path] = [programs / "postgres", "-D", self._data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with open_log(self.folder / "postgres.log") as log:
            self.process = spawn(
                command, dies_by=signal.SIGINT, output=log, environment=_environment(), user=self._user
            )
        try:
            self._wait_for(self.process)
            self._make_roles()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends it cleanly: connections are cut, everything committed is on disk."""
        if self.process is not None:
            stop(self.process, signal.SIGINT, 30)

    def _owner_of_data(self) -> str | None:
        """Whom data that is there belongs to, when we are root: nobody else may serve it."""
        if os.geteuid() == 0:
            with contextlib.suppress(OSError, KeyError):
                return pwd.getpwuid(self._data.stat().st_uid).pw_name
        return None

    def _make(self, programs: Path) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        half = self.folder / "data.half"
        shutil.rmtree(half, ignore_errors=True)  # an earlier attempt that was cut short
        half.mkdir(mode=0o700)
        with tempfile.NamedTemporaryFile("w", prefix="clasio-") as password:
            password.write(self._passwords.superuser)
            password.flush()
            if self._user:
                shutil.chown(half, self._user, pwd.getpwnam(self._user).pw_gid)
                shutil.chown(password.name, self._user)
            options = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password.name}"]
            options += ["--locale=C.UTF-8", "--encoding=UTF8", *([] if self._durable else ["--no-sync"])]
            with open_log(self.folder / "postgres.log") as log:
                made = spawn(
                    [programs / "initdb", "-D", half, *options],
                    dies_by=signal.SIGKILL,
                    output=log,
                    environment=_environment(),
                    user=self._user,
                )
                if made.wait() != 0:
                    raise ServerDidNotStart(f"Postgres could not be set up. Its log says why: {log.name}")
        half.rename(self._data)

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        if not wait_until(self._answers, process, START_SECONDS):
            raise ServerDidNotStart(f"Postgres did not start. Its log says why: {self.folder / 'postgres.log'}")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._superuser_url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise ServerDidNotStart(
                    f"The database in {self._data} was made with other passwords than this instance has."
                    " Put back the secrets.json that belongs to it, or use another --data."
                ) from error
            return False
        return True

    def _make_roles(self) -> None:
        """Owner (migrations, backup) and app (web and workers, bound by the policies), and the owner's database."""
        with psycopg.connect(self._superuser_url, autocommit=True) as connection:
            for role, password, options in (
                (OWNER, self._passwords.owner, "CREATEROLE"),
                (APP, self._passwords.app, "NOCREATEROLE"),
            ):
                known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                connection.execute(
                    sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS {} PASSWORD {}").format(
                        sql.SQL("ALTER" if known else "CREATE"),
                        sql.Identifier(role),
                        sql.SQL(options),
                        sql.Literal(password),
                    )
                )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
                )
            connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(DATABASE)))
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(DATABASE), sql.Identifier(APP))
            )


def _environment() -> dict[str, str]:
    """Nothing of ours: PGHOST and the like would confuse the server, secrets are none of its business."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
