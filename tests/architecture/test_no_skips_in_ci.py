import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import PROJECT

FILES = {
    "test_passed.py": "def test_passed() -> None: ...\n",
    "test_skipped.py": "import pytest\n\n@pytest.mark.skip(reason='not today')\ndef test_skipped() -> None: ...\n",
    "test_module.py": "import pytest\n\npytest.skip('not today', allow_module_level=True)\n",
}
OPTIONS = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-c", os.devnull, "-n", "1"]


def test_skipped_tests_and_modules_fail_the_run_where_ci_is_set(tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *OPTIONS, "--rootdir", tmp_path, tmp_path],
        cwd=PROJECT,
        env=outer | {"CI": "true", "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed, 2 skipped" in done.stdout, done.stdout + done.stderr
    assert done.returncode != 0
    assert "test_module.py" in done.stderr
    assert "test_skipped" in done.stderr
