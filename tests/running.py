"""A whole Clasio as a person runs it: `up` in a process of its own, on free ports, in a folder of its own."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

ROOT = Path(__file__).resolve().parents[1]
OWNER = "owner@example.com"
PASSWORD = "slow river under seven bridges"
READY_SECONDS = 300


class RunningClasio:
    """`lines` is everything it printed; `client` speaks as the owner by API token."""

    def __init__(self, data: Path, port: int | None = None, environment: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lines: list[str] = []
        self.token = ""
        self.environment = own_environment() | dict(environment or {})

    def start(self, *options: str) -> None:
        command = [sys.executable, "-m", "clasio_backend.cli", "up", *options]
        command += ["--port", str(self.port), "--data", str(self.data)]
        self.lines = []
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reader.start()
        self.wait_for_line("Clasio is ready at", READY_SECONDS)

    def admin(self, *arguments: str) -> Any:
        """What `./clasio admin …` beside it prints."""
        command = [sys.executable, "-m", "clasio_backend.cli", "admin", *arguments, "--data", str(self.data)]
        done = subprocess.run(command, cwd=ROOT, env=own_environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def sql(self, statement: str, values: list[Any]) -> None:
        """Changes what no page can: only as the owner of its tables."""
        settings = json.loads((self.data / "settings.json").read_text())
        with psycopg.connect(settings["DATABASE_OWNER_URL"], autocommit=True) as connection:
            connection.execute(statement.encode(), values)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            self.lines.extend(line.rstrip("\n") for line in iter(process.stdout.readline, ""))

    def wait_for_line(self, beginning: str, seconds: float) -> str:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for line in list(self.lines):
                if line.startswith(beginning):
                    return line
            if self.process.poll() is not None or any("could not be built" in line for line in self.lines):
                break  # `up` would try again for ever
            time.sleep(0.1)
        raise AssertionError(f"no line {beginning!r}:\n" + "\n".join(self.lines[-40:]))

    def set_up(self) -> None:
        """Uses the set-up link: the owner OWNER, with PASSWORD and an API token."""
        link = self.wait_for_line("Set up your organization", 20)
        found = re.search(r"token=(\S+)", link)
        assert found
        with self.browser() as browser:
            form = {
                "token": found[1],
                "organization_name": "Acme",
                "name": "Ada",
                "email": OWNER,
                "password": PASSWORD,
            }
            assert browser.post("/auth/setup", data=form).status_code == httpx.codes.SEE_OTHER
            answer = browser.post("/api/v1/tokens", json={"name": "test"})
            assert answer.status_code == httpx.codes.CREATED, answer.text
            self.token = answer.json()["token"]

    @contextlib.contextmanager
    def client(self) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=30) as client:
            yield client

    @contextlib.contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """Sends what browsers say about the origin, and keeps cookies."""
        with httpx.Client(base_url=self.url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=30) as browser:
            yield browser

    def processes(self) -> dict[str, psutil.Process]:
        """Our processes by what they are: web, worker …, control, scheduler, postgres, valkey."""
        marks = {
            "clasio_ui.server": "web",
            "jobs.worker": "worker",
            "jobs.control": "control",
            "jobs.schedules": "scheduler",
            "postmaster": "postgres",
            "valkey-server": "valkey",
        }
        found: dict[str, psutil.Process] = {}
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                words = " ".join(child.cmdline())
                kind = next(
                    (kind for mark, kind in marks.items() if mark in words),
                    "postgres" if "bin/postgres" in words else "",
                )
                if kind:
                    found[f"{kind} {child.pid}"] = child
        return found

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def wait_until_ready(self, seconds: float = 60) -> float:
        started = time.monotonic()
        while not self.is_ready():
            assert time.monotonic() - started < seconds, "\n".join(
                line for line in self.lines if not line.startswith("{")
            )
            time.sleep(0.2)
        return time.monotonic() - started

    def kill(self) -> None:
        """kill -9 of `up` itself."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self._reader.join(60)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        self._reader.join(10)
        return status


def own_environment() -> dict[str, str]:
    """This process's, without the settings that point to the tests' own servers."""
    settings = {"SECRET_KEY", "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "STORAGE_URL", "BASE_URL"}
    return {name: value for name, value in os.environ.items() if name not in settings} | {
        "PYTHONPATH": str(ROOT),
        "SCANNER": "off",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
