"""The programs that Clasio consists of: `up` runs all of them on this machine, other commands one kind alone."""

import os
import sys
from collections.abc import Mapping, Sequence

from clasio_backend.cli.embedded.supervisor import Program
from clasio_backend.core.config import PROJECT

_PYTHON = [sys.executable, "-m"]


def web(host: str, port: int) -> Program:
    return Program("Web", [*_PYTHON, "clasio_ui.server", "--host", host, "--port", str(port)])


def worker(name: str, queues: str, *options: str) -> Program:
    """`queues` are separated by commas, most urgent first; none means all of them."""
    return Program(name, [*_PYTHON, "jobs.worker", *(["--queues", queues] if queues else []), *options])


def schedulers() -> Sequence[Program]:
    """Both keep the jobs going, and of both two are harmless."""
    return (
        Program("Control", [*_PYTHON, "jobs.control"]),
        Program("Scheduler", [*_PYTHON, "jobs.schedules"]),
    )


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """What they run with."""
    variables = {**os.environ, **settings, "PYTHONPATH": str(PROJECT), "PYTHONSAFEPATH": "1", "TZ": "UTC"}
    variables.pop("DATABASE_OWNER_URL", None)  # no serving process may have it
    variables.pop("DATABASE_OWNER_URL_FILE", None)
    return variables
