import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import PROJECT


def test_imports_go_in_the_direction_that_is_agreed() -> None:
    """The contracts are in pyproject.toml, `[tool.importlinter]`."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
