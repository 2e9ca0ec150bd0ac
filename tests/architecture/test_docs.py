"""What the documents say about names and values is what the program has."""

import re
import tomllib

import yaml
from pydantic_core import PydanticUndefined

from clasio_backend import VERSION
from clasio_backend.cli.app import app
from clasio_backend.core.config import PROJECT, Settings
from clasio_backend.core.job_queue import QueueName
from jobs.schedules import SCHEDULES

README = (PROJECT / "README.md").read_text()
OPERATIONS = (PROJECT / "docs" / "operations.md").read_text()


def rows(text: str, heading: str) -> list[tuple[str, ...]]:
    """The cells of the first table under `heading`."""
    table = re.search(rf"^## {heading}\n[\s\S]*?((?:^\|.*\n)+)", text, re.MULTILINE)
    assert table, heading
    return [tuple(cell.strip() for cell in line.strip("|\n").split(" | ")) for line in table[1].splitlines()[2:]]


def test_the_readme_lists_every_setting_as_it_is() -> None:
    written = {
        (
            name.upper(),
            "" if field.default in {None, "", PydanticUndefined} else f"`{field.default}`",
            field.description,
        )
        for name, field in Settings.model_fields.items()
    }
    listed = {(row[0].strip("` "), row[1], row[2]) for row in rows(README, "Settings")}
    assert listed == written


def test_the_example_environment_names_settings_only() -> None:
    named = set(re.findall(r"^#?\s*([A-Z][A-Z0-9_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
    assert named
    assert named <= {name.upper() for name in Settings.model_fields}


def test_the_examples_for_several_hosts_use_commands_and_settings_that_are_there() -> None:
    folder = PROJECT / "docs" / "several-hosts"
    commands = {command.name for command in app.registered_commands}
    compose = yaml.safe_load((folder / "compose.yaml").read_text())
    kubernetes = list(yaml.safe_load_all((folder / "kubernetes.yaml").read_text()))
    pods = [thing["spec"]["template"]["spec"] for thing in kubernetes if "template" in thing["spec"]]
    ours = [service for service in compose["services"].values() if service["image"] == "clasio"]
    units = [
        re.findall(r"^ExecStart=/opt/clasio/clasio (.+)$", unit.read_text(), re.MULTILINE)
        for unit in folder.glob("*.service")
    ]
    run = [
        *(service["command"] for service in ours),
        *(container["args"] for pod in pods for container in pod["containers"]),
        *(words[0].split() for words in units),
    ]
    for words in run:
        assert words[0] in commands
        if words[0] == "worker":
            assert {QueueName(name) for name in words[words.index("--queues") + 1].split(",")}
    for kind in (ours, pods, units):  # each runs each kind of process, and a worker for each queue
        assert len(kind) == len(ours)
    queues = [name for words in run if words[0] == "worker" for name in words[-1].split(",")]
    assert set(queues) == set(QueueName)
    settings = {name.upper() for name in Settings.model_fields}
    assert {name for service in ours for name in service["environment"]} <= settings
    assert set(re.findall(r"--from-literal=([A-Z_]+)=", OPERATIONS)) <= settings


def test_the_operations_page_lists_every_schedule() -> None:
    assert {row[0].strip("` ") for row in rows(OPERATIONS, "Schedules")} == {entry.id for entry in SCHEDULES}


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION  # exports carry it


def test_every_file_that_the_documents_show_is_there() -> None:
    for page in [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
