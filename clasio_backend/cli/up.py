"""`./clasio up`: everything on this machine, in the foreground, supervised."""

import errno
import os
import signal
import socket
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from clasio_backend.cli import programs
from clasio_backend.cli.embedded.process import open_log
from clasio_backend.cli.embedded.supervisor import Supervisor
from clasio_backend.cli.instance import Instance, InstanceError
from clasio_backend.cli.migrating import first_link, migrate
from clasio_backend.cli.ready import READY_SECONDS, wait_until_ready
from clasio_backend.cli.say import say
from clasio_backend.cli.scanner import scanner_settings
from clasio_backend.core.config import PROJECT, get_settings


def up(host: str, port: int, data: Path | None, *, demo: bool) -> int:
    """Runs until a signal comes; returns the exit status."""
    instance = Instance(data)
    os.chdir(PROJECT)  # for all processes: the folder we were called from may go away
    instance.lock()
    check_port(host, port)
    supervisor = Supervisor(say)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: supervisor.ask_to_stop())
    with ExitStack() as stack:
        made = _start_servers(instance, supervisor, stack) | {"BASE_URL": base_url(host, port)}
        settings = instance.settings(made | scanner_settings(instance, host))
        os.environ.update(settings)
        get_settings()  # a wrong one is named before anything else starts
        if supervisor.is_stopping:
            return 0
        stack.callback(_stopped)
        migrate()
        link = (_demo_link() if demo else None) or first_link()
        stack.callback(supervisor.stop_programs)
        _start_programs(supervisor, instance, settings, host, port)
        missing = wait_until_ready(supervisor, loopback(host), port)
        if missing and not supervisor.is_stopping:
            say(f"Clasio did not become ready in {READY_SECONDS // 60} minutes: {missing}.")
            return 1
        if not missing:
            if link:
                say(link)
            say(f"Clasio is ready at {get_settings().base_url}")
            supervisor.watch()
        say("Stopping.")
    return 0


def _stopped() -> None:
    from clasio_backend.core.db import dispose_engine  # noqa: PLC0415  # keeps the command line's start light

    dispose_engine()


def check_port(host: str, port: int) -> None:
    """Raises when the port cannot be had, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            is_address = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
            raise InstanceError(
                f"Port {port} on {host} cannot be used ({error.strerror})."
                f" Choose another with {'--host' if is_address else '--port'}."
            ) from error


def base_url(host: str, port: int) -> str:
    """The address for people at this machine; operators set BASE_URL when there is a better one."""
    name = loopback(host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def loopback(host: str) -> str:
    """Where this machine reaches what listens on `host`."""
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound


def _start_servers(instance: Instance, supervisor: Supervisor, stack: ExitStack) -> dict[str, str]:
    made: dict[str, str] = {}
    say("Starting. The first start takes a few minutes.")
    if not instance.is_given("DATABASE_URL"):
        postgres = instance.postgres()
        stack.callback(postgres.stop)
        postgres.start()
        instance.remember_port("postgres", postgres.port)
        supervisor.add_server("Postgres", postgres)
        made |= {"DATABASE_URL": postgres.app_url, "DATABASE_OWNER_URL": postgres.owner_url}
    elif not instance.is_given("DATABASE_OWNER_URL"):
        raise InstanceError(
            "DATABASE_URL is set, but DATABASE_OWNER_URL is not. Set it too: migrations run as the owner's role."
        )
    if not instance.is_given("REDIS_URL"):
        valkey = instance.valkey()
        stack.callback(valkey.stop)
        valkey.start()
        instance.remember_port("valkey", valkey.port)
        supervisor.add_server("Valkey", valkey)
        made["REDIS_URL"] = valkey.url
    return made


def _demo_link() -> str | None:
    from clasio_backend.demo.load import load_demo  # noqa: PLC0415  # as above

    link = load_demo()
    return f"Demo: choose a password for Ada Larkfield, once: {link}" if link else None


def _start_programs(supervisor: Supervisor, instance: Instance, settings: dict[str, str], host: str, port: int) -> None:
    environment = programs.environment(settings)
    log = _log_file(instance)
    for program in (programs.web(host, port), *programs.workers(get_settings()), *programs.schedulers()):
        supervisor.add_program(program, environment, log)


def _log_file(instance: Instance) -> IO[bytes] | None:
    """At a terminal the JSON lines go to a file, so that people can read; else to standard output, for a shipper."""
    if not sys.stdout.isatty():
        return None
    path = instance.data / "clasio.log"
    say(f"Log: {path}")
    return open_log(path)
