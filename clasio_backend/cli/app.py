"""The command line. Commands import what they need when they run, so that `--help` is quick."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from clasio_backend.cli.admin import admin_app
from clasio_backend.cli.check import run_tests
from clasio_backend.cli.doctor import examine
from clasio_backend.cli.instance import Instance
from clasio_backend.cli.up import PYTHON, up
from clasio_backend.core.config import PROJECT
from clasio_backend.core.errors import ClasioError

app = typer.Typer(help="Clasio: the document hub. Start with: ./clasio up", no_args_is_help=True, add_completion=False)
app.add_typer(admin_app, name="admin")

Data = Annotated[
    Path | None, typer.Option(help="Folder of this instance's data (default: .clasio beside the command).")
]


@app.command("up")
def _up(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    data: Data = None,
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Load a demo organization.")] = False,
) -> None:
    """Set everything up and run it, until Ctrl-C."""
    sys.exit(up(host, port, data, demo=demo))


@app.command("test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def _test(context: typer.Context) -> None:
    """Install what the tests need and run them; further arguments go to pytest."""
    sys.exit(run_tests(context.args))


@app.command("doctor")
def _doctor(data: Data = None, *, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Say what is wrong with this instance, and how to mend it."""
    findings = examine(Instance(data))
    if as_json:
        print(json.dumps(findings))
    else:
        for finding in findings:
            mark = "ok " if finding["is_well"] else "BAD"
            print(f"{mark}  {finding['part']}: {finding['says']} {finding['fix']}".rstrip())
    sys.exit(0 if all(finding["is_well"] for finding in findings) else 1)


@app.command("web")
def _web(
    host: Annotated[str, typer.Option()] = "127.0.0.1", port: Annotated[int, typer.Option()] = 8000, data: Data = None
) -> None:
    """Run the web process alone."""
    _become(data, "clasio_ui.server", "--host", host, "--port", str(port))


@app.command("worker")
def _worker(
    queues: Annotated[str, typer.Option(help="Comma-separated, most urgent first.")] = "", data: Data = None
) -> None:
    """Run one worker alone."""
    _become(data, "jobs.worker", *(["--queues", queues] if queues else []))


@app.command("scheduler")
def _scheduler(data: Data = None) -> None:
    """Run the scheduler alone."""
    _become(data, "jobs.schedules")


@app.command("control")
def _control(data: Data = None) -> None:
    """Run control alone: it takes back what dead workers held. Every installation needs one."""
    _become(data, "jobs.control")


def _become(data: Path | None, module: str, *arguments: str) -> None:
    Instance(data).apply()
    os.environ["PYTHONPATH"] = str(PROJECT)
    os.execv(PYTHON, [PYTHON, "-m", module, *arguments])  # noqa: S606  # our own program, no shell


def main() -> None:
    """Runs the command; an expected error is one sentence, not a traceback."""
    try:
        app()
    except ClasioError as error:
        print(error.message, file=sys.stderr)
        sys.exit(1)
