"""The programs that Clasio consists of: `up` runs all of them on this machine, other commands one kind alone."""

import os
import sys
from collections.abc import Mapping, Sequence

from clasio_backend.cli.embedded.supervisor import Program
from clasio_backend.core.config import PROJECT, Settings

_PYTHON = [sys.executable, "-m"]
READERS = 2
MODEL_CALLERS = 4
"""Each waits for one answer of the model at a time, which takes seconds and no processor."""
GIVES_WAY = ("--nice", "19")
"""Being searchable comes first: where cores are few, the rest gives way to reading and to the pages."""


def web(host: str, port: int) -> Program:
    return Program("Web", [*_PYTHON, "clasio_ui.server", "--host", host, "--port", str(port)])


def worker(name: str, queues: str, *options: str) -> Program:
    """`queues` are separated by commas, most urgent first; none means all of them."""
    return Program(name, [*_PYTHON, "jobs.worker", *(["--queues", queues] if queues else []), *options])


def workers(settings: Settings) -> Sequence[Program]:
    """All that one machine needs. Where a model is asked, reading never waits for its answers (decision 0018)."""
    if settings.asks_model:  # one of the callers takes thorough ones first, or many fast ones would hold them up
        readers, callers, background = (
            "read",
            ["fast,thorough"] * (MODEL_CALLERS - 1) + ["thorough,fast"],
            "control,sync",
        )
    else:  # an analysis on this machine takes milliseconds: whoever has read the document does it
        readers, callers, background = "read,fast", [], "control,fast,thorough,sync"
    return (
        *(worker(f"Reader {number}", readers) for number in range(1, READERS + 1)),
        *(worker(f"Analysis worker {number}", queues) for number, queues in enumerate(callers, 1)),
        worker("Background worker", background, *GIVES_WAY),
        worker("Bulk worker", "bulk", *GIVES_WAY),  # an export of an hour must hold up no mail and no schedule
    )


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
