"""What the documents say about names and values is what the program has."""

import re
import tomllib

from pydantic_core import PydanticUndefined

from clasio_backend import VERSION
from clasio_backend.core.config import PROJECT, Settings
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


def test_the_operations_page_lists_every_schedule() -> None:
    assert {row[0].strip("` ") for row in rows(OPERATIONS, "Schedules")} == {entry.id for entry in SCHEDULES}


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION  # exports carry it


def test_every_file_that_the_documents_show_is_there() -> None:
    for page in [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
