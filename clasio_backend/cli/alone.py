"""One kind of process alone, for installations of several hosts: against servers that are there already.

Whatever is started first waits for the database, its tables and Redis, so the order does not matter.
"""

import os
import signal
from pathlib import Path

from clasio_backend.cli import programs
from clasio_backend.cli.embedded.supervisor import Program, Supervisor
from clasio_backend.cli.instance import Instance
from clasio_backend.cli.migrating import migrate_when_there
from clasio_backend.cli.say import say
from clasio_backend.core.config import PROJECT, get_settings


def web(data: Path | None, host: str, port: int) -> None:
    _become(data, programs.web(host, port))


def worker(data: Path | None, queues: str) -> None:
    _become(data, programs.worker("Worker", queues))


def scheduler(data: Path | None) -> None:
    """Watches over rq-scheduler and `control` until a signal comes."""
    _prepare(data)
    supervisor = Supervisor(say)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: supervisor.ask_to_stop())
    try:
        for program in programs.schedulers():
            supervisor.add_program(program, programs.environment({}), None)
        supervisor.watch()
    finally:
        supervisor.stop_programs()


def migrate(data: Path | None) -> None:
    _prepare(data)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a container's first process has no other end
    migrate_when_there()


def _prepare(data: Path | None) -> None:
    Instance(data).apply()
    get_settings()  # a wrong one is named before anything starts
    os.chdir(PROJECT)


def _become(data: Path | None, program: Program) -> None:
    """Turns into `program`, so that whoever started this process watches over the right one."""
    _prepare(data)
    os.execve(program.command[0], list(program.command), programs.environment({}))  # noqa: S606  # our own program, no shell
