"""One kind of process alone: what is missing is said, the order of starts is free, SIGTERM ends it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.architecture.sources import PROJECT
from tests.jobs.processes import PATIENCE_SECONDS, background, wait_for
from tests.running import own_environment
from tests.servers import Servers

CLASIO = ("-m", "clasio_backend.cli")
KINDS = ("web", "worker", "scheduler", "migrate")


@pytest.fixture
def scratch(servers: Servers) -> Iterator[dict[str, str]]:
    """Settings of an instance whose database is empty."""
    with servers.scratch_database() as owner_url:
        app_url = urlunsplit(urlsplit(servers.app_url)._replace(path=urlsplit(owner_url).path))
        yield servers.environment | {"DATABASE_OWNER_URL": owner_url, "DATABASE_URL": app_url}


def run(*arguments: str, data: Path, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *CLASIO, *arguments, "--data", str(data)],
        env=own_environment() | settings,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_missing_settings_are_named_with_what_they_look_like(kind: str, tmp_path: Path) -> None:
    done = run(kind, data=tmp_path, settings={"SECRET_KEY": "long enough, and nobody has guessed it"})
    assert done.returncode == 1
    assert "SECRET_KEY" not in done.stderr
    assert all(name in done.stderr for name in ("DATABASE_URL (postgresql://", "REDIS_URL (redis://", "s3://"))
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_or_queue_is_one_sentence(servers: Servers, tmp_path: Path) -> None:
    short = run("worker", data=tmp_path, settings=servers.environment | {"SECRET_KEY": "short"})
    assert "SECRET_KEY needs at least 32 characters" in short.stderr
    misspelt = run("worker", "--queues", "raed", data=tmp_path, settings=servers.environment)
    assert "'raed'" in misspelt.stderr
    assert "read, fast" in misspelt.stderr
    owner = run("worker", data=tmp_path, settings=servers.environment | {"DATABASE_URL": servers.owner_url})
    assert "is not bound by row-level security" in owner.stderr
    no_owner = {name: value for name, value in servers.environment.items() if name != "DATABASE_OWNER_URL"}
    assert "DATABASE_OWNER_URL is not set" in run("migrate", data=tmp_path, settings=no_owner).stderr
    assert "Traceback" not in short.stderr + misspelt.stderr + owner.stderr


def test_a_scheduler_waits_for_the_migrations_and_runs_both_its_processes(
    servers: Servers, scratch: dict[str, str], tmp_path: Path
) -> None:
    log = servers.folder / "alone.log"
    with background(
        servers, *CLASIO, "scheduler", "--data", str(tmp_path), log=log.name, environment=scratch
    ) as scheduler:
        wait_for(lambda: log.exists() and log.read_text().count("./clasio migrate makes them") == 2)
        for _ in range(2):  # again is harmless
            done = run("migrate", data=tmp_path, settings=scratch)
            assert done.returncode == 0, done.stderr
            assert "Set up your organization, once: http" in done.stdout
        with psycopg.connect(scratch["DATABASE_OWNER_URL"], autocommit=True) as connection:

            def kinds() -> set[str]:
                return {row[0] for row in connection.execute("SELECT kind FROM workers").fetchall()}

            wait_for(lambda: kinds() == {"scheduler", "control"})
            os.kill(scheduler.pid, signal.SIGTERM)
            assert scheduler.wait(PATIENCE_SECONDS) == 0
            assert kinds() == set()
