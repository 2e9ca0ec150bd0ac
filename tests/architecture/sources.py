"""The project's own Python files, parsed."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CODE = ("clasio_backend", "clasio_ui", "jobs")


@dataclass(frozen=True, slots=True)
class Source:
    """`path` is relative to the project, with slashes."""

    path: str
    text: str
    tree: ast.Module

    def imported_from(self, *packages: str) -> set[str]:
        """Names that the file takes from these packages, as it calls them."""
        return {
            alias.asname or alias.name
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in packages
            for alias in node.names
        }

    def calls(self) -> Iterator[tuple[str, bool, int]]:
        """(name, is it a method, line) of each call."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                if isinstance(node.func, ast.Name):
                    yield node.func.id, False, node.lineno
                elif isinstance(node.func, ast.Attribute):
                    yield node.func.attr, True, node.lineno


@lru_cache(maxsize=2)
def sources(*, with_tests: bool = False) -> tuple[Source, ...]:
    folders = (*CODE, "tests") if with_tests else CODE
    paths = sorted(path for folder in folders for path in (PROJECT / folder).rglob("*.py"))
    return tuple(_parsed(path) for path in paths if "node_modules" not in path.parts)


def _parsed(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(PROJECT).as_posix(), text, ast.parse(text))
