from collections.abc import Iterator
from pathlib import Path

import pytest

from clasio_backend.documents.reading import shut_down
from tests.made_documents import Made


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


@pytest.fixture(scope="session", autouse=True)
def _no_server_left_behind() -> Iterator[None]:
    yield
    shut_down()


@pytest.fixture
def reader_without_tesseract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A fork server started where PATH holds no tesseract."""
    shut_down()
    monkeypatch.setenv("PATH", str(tmp_path))
    yield
    shut_down()
