"""Background processes of their own, for tests of what only a whole process does: hang, stop, wait, tick."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg

from tests.architecture.sources import PROJECT
from tests.servers import Servers

PATIENCE_SECONDS = 120  # how long a broken build would wait


@contextmanager
def background(
    servers: Servers,
    *arguments: str,
    log: str = "background.log",
    environment: Mapping[str, str] | None = None,
    on: Sequence[str] = (),
) -> Iterator["subprocess.Popen[bytes]"]:
    """`python <arguments>` on the tests' servers, ended with the block; it writes to `log` in their folder.

    `on` is a command that runs it elsewhere.
    """
    variables = os.environ | servers.environment | {"PYTHONPATH": str(PROJECT)} | (environment or {})
    with (servers.folder / log).open("ab") as output:
        process = subprocess.Popen(
            [*on, sys.executable, *arguments],
            env=variables,
            cwd=servers.folder,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


@contextmanager
def worker_process(servers: Servers, queues: str, setting: str = "") -> Iterator["subprocess.Popen[bytes]"]:
    """A worker; `setting` is a statement that runs before it, for limits that no test can wait for."""
    if not setting:
        with background(servers, "-m", "jobs.worker", "--queues", queues) as process:
            yield process
        return
    program = f"{setting}\nfrom jobs.worker import main\nmain(['--queues', '{queues}'])"
    with background(servers, "-c", program) as process:
        yield process


def wait_for(answer: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not answer():
        assert time.monotonic() < until, "nothing happened"
        time.sleep(0.02)


def is_in_the_way(servers: Servers, blocking: psycopg.Connection) -> bool:
    """Whether somebody waits for what `blocking` has locked; what waits for others for a moment does not count."""
    with servers.as_owner() as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))", [blocking.info.backend_pid]
        ).fetchone()
    return row is not None and row[0] > 0
