"""A Valkey of our own: password, loopback only, append-only file."""

import os
import signal
import subprocess
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from clasio_backend.cli.embedded.binaries import valkey_server
from clasio_backend.cli.embedded.errors import ServerDidNotStart
from clasio_backend.cli.embedded.process import end_orphan, free_port, open_log, spawn, stop, wait_until

START_SECONDS = 60


class EmbeddedValkey:
    """`folder` holds the configuration (with the password, 0600), the data and the log."""

    def __init__(self, folder: Path, password: str, *, port: int | None = None) -> None:
        self.folder = folder.absolute()
        self.port = free_port(port)
        self._password = password
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        end_orphan(self.folder / "valkey.pid", str(self._configuration), signal.SIGTERM)
        self._write_configuration()
        with open_log(self.folder / "valkey.log") as log:
            environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "TZ": "UTC"}
            self.process = spawn(
                [valkey_server(), self._configuration], dies_by=signal.SIGTERM, output=log, environment=environment
            )
        (self.folder / "valkey.pid").write_text(str(self.process.pid))
        if not wait_until(self._answers, self.process, START_SECONDS):
            self.stop()
            raise ServerDidNotStart(f"Valkey did not start. Its log says why: {self.folder / 'valkey.log'}")

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process, signal.SIGTERM, 15)
            (self.folder / "valkey.pid").unlink(missing_ok=True)

    @property
    def _configuration(self) -> Path:
        return self.folder / "valkey.conf"

    def _write_configuration(self) -> None:
        lines = (
            f"port {self.port}",
            "bind 127.0.0.1",
            f'dir "{self.folder}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            f"requirepass {self._password}",
            "loglevel warning",
            'proc-title-template "{title} {config-file}"',  # tells it from other instances' Valkeys: see `end_orphan`
        )
        self._configuration.unlink(missing_ok=True)
        with os.fdopen(os.open(self._configuration, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url, retry=Retry(NoBackoff(), 0), socket_timeout=2) as client:
                return bool(client.ping())
        except RedisError:
            return False
