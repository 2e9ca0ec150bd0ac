"""The command line."""
# ruff: noqa: PLC0415  # commands import what they need when they run: `--help` and `test` need next to nothing

import json
import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from typer.core import TyperGroup


class _Admin(TyperGroup):
    """The commands of `cli/admin.py`, imported when one of them is wanted."""

    def list_commands(self, ctx: Any) -> list[str]:
        self._load()
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        self._load()
        return super().get_command(ctx, cmd_name)

    def _load(self) -> None:
        from clasio_backend.cli.admin import admin_app

        self.commands = typer.main.get_group(admin_app).commands


app = typer.Typer(
    help="Clasio: the document hub. Start with: ./clasio up",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they show the values of variables, secrets among them
)
app.add_typer(typer.Typer(cls=_Admin, help="Organizations, tokens and plans.", no_args_is_help=True), name="admin")

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
    from clasio_backend.cli.up import up

    sys.exit(up(host, port, data, demo=demo))


@app.command("test", context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def _test(context: typer.Context) -> None:
    """Install what the tests need and run them; further arguments go to pytest."""
    from clasio_backend.cli.check import run_tests

    sys.exit(run_tests(context.args))


@app.command("doctor")
def _doctor(data: Data = None, *, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Say what is wrong with this instance, and how to mend it."""
    from clasio_backend.cli.doctor import examine
    from clasio_backend.cli.instance import Instance

    findings = examine(Instance(data))
    if as_json:
        print(json.dumps(findings))
    else:
        for finding in findings:
            mark = "ok " if finding["is_well"] else "BAD"
            print(f"{mark}  {finding['part']}: {finding['says']} {finding['fix']}".rstrip())
    sys.exit(0 if all(finding["is_well"] for finding in findings) else 1)


@app.command("export")
def _export(
    organization: Annotated[UUID, typer.Option(help="Id of the organization.")],
    output: Annotated[Path | None, typer.Option(help="File to write (default: named after the organization).")] = None,
    data: Data = None,
    *,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Write everything of an organization into one ZIP file."""
    from clasio_backend.cli.exporting import export

    _apply(data)
    export(organization, output, as_json=as_json)


@app.command("import")
def _import(
    file: Annotated[Path, typer.Argument(help="The export of an organization.")],
    name: Annotated[str | None, typer.Option(help="Another name for the organization.")] = None,
    owner_email: Annotated[str | None, typer.Option(help="Who becomes an owner in any case.")] = None,
    data: Data = None,
    *,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Bring an export into a new organization: all of it, or nothing."""
    from clasio_backend.cli.exporting import bring_in

    _apply(data)
    bring_in(file, name, owner_email, as_json=as_json)


@app.command("rotate-keys")
def _rotate_keys(
    data: Data = None,
    *,
    new: Annotated[bool, typer.Option("--new", help="First step: make a new key for this instance.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Encrypt what is secret under the first key of SECRET_KEY; works while Clasio runs."""
    from clasio_backend.cli.instance import Instance
    from clasio_backend.cli.rotating import make_new_key, rotate_keys

    (make_new_key if new else rotate_keys)(Instance(data), as_json=as_json)


def _apply(data: Path | None) -> None:
    from clasio_backend.cli.instance import Instance

    Instance(data).apply()


@app.command("web")
def _web(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    data: Data = None,
) -> None:
    """Run the web process alone."""
    from clasio_backend.cli import alone

    alone.web(data, host, port)


@app.command("worker")
def _worker(
    queues: Annotated[str, typer.Option(help="Comma-separated, most urgent first; all when not given.")] = "",
    data: Data = None,
) -> None:
    """Run one worker alone."""
    from clasio_backend.cli import alone

    alone.worker(data, queues)


@app.command("scheduler")
def _scheduler(data: Data = None) -> None:
    """Run the scheduler and control alone: they queue what is due, and take back what dead workers held."""
    from clasio_backend.cli import alone

    alone.scheduler(data)


@app.command("migrate")
def _migrate(data: Data = None) -> None:
    """Bring the database to this version as the owner's role; prints the set-up link while nobody exists."""
    from clasio_backend.cli import alone

    alone.migrate(data)


def main() -> None:
    """Runs the command; an expected error is one sentence, not a traceback."""
    try:
        app(prog_name="./clasio")
    except Exception as error:
        from clasio_backend.cli.faults import in_words

        words = in_words(error)
        if words is None:
            raise
        print(words, file=sys.stderr)
        sys.exit(1)
