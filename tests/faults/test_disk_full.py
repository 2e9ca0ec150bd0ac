"""The file store has no room left: nothing is half there, and what waited goes on when there is room again."""

import hashlib
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.intake import receive
from clasio_backend.documents.schemas import DocumentQuery, IncomingFile
from clasio_backend.documents.service import list_documents
from clasio_backend.exports.schemas import NewExport
from clasio_backend.exports.service import get_export, request_export
from clasio_backend.integrations.storage import StorageError
from clasio_backend.models.exports import ExportKind, ExportState
from clasio_backend.usage.service import reconcile_all
from tests import factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker

pytestmark = pytest.mark.faults

ROOM = 1024 * 1024
NO_ROOM = 16 * 1024
FILLER = 4096
Full = Callable[[], AbstractContextManager[None]]


@pytest.fixture(params=["small disk", "limit on files"])
def full(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Full]:
    """Makes the store full for as long as a block runs. Where we may not mount a small disk, a limit on files does."""
    folder = servers.folder / "blobs"
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "clasio-tests", str(folder)]
    may_mount = request.param == "small disk" and os.geteuid() == 0
    if not may_mount or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        yield no_large_files
        return
    try:
        yield lambda: filled(folder / "filler")
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(filler: Path) -> Iterator[None]:
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * FILLER)
    yield
    filler.unlink()


@contextmanager
def no_large_files() -> Iterator[None]:
    """What this process writes ends after a few bytes, as on a disk without room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (NO_ROOM, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def files_of(servers: Servers, actor: Actor) -> list[str]:
    folder = servers.folder / "blobs" / str(actor.organization_id)
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def incoming(folder: Path, name: str) -> IncomingFile:
    """A file that no compression makes small."""
    path = folder / name
    data = os.urandom(150_000).hex().encode()
    path.write_bytes(data)
    return IncomingFile(path, name, len(data), hashlib.sha256(data).hexdigest())


def test_a_file_for_which_there_is_no_room_leaves_nothing(
    owner: Actor, servers: Servers, full: Full, tmp_path: Path
) -> None:
    file = incoming(tmp_path, "large.txt")
    with full(), pytest.raises(StorageError):
        receive(owner.scope, file, source="upload")
    assert files_of(servers, owner) == []
    with unit_of_work(owner.scope) as uow:
        assert list_documents(uow, DocumentQuery()).items == ()
    assert owner.organization_id not in reconcile_all()
    receive(owner.scope, file, source="upload")
    with unit_of_work(owner.scope) as uow:
        assert len(list_documents(uow, DocumentQuery()).items) == 1


def test_an_export_for_which_there_is_no_room_waits_and_is_made_once_there_is(
    owner: Actor, servers: Servers, worker: Worker, full: Full, tmp_path: Path
) -> None:
    receive(owner.scope, incoming(tmp_path, "large.txt"), source="upload")
    factories.upload(owner.scope)
    worker.run_all()
    before = files_of(servers, owner)
    with unit_of_work(owner.scope) as uow:
        export_id = request_export(uow, NewExport(kind=ExportKind.ORGANIZATION)).id
    job_id = worker.jobs_of(owner.organization_id)[-1]["id"]
    with full():
        worker.run_all()
        job = worker.job(job_id)
        assert (job["state"], job["attempts"]) == ("queued", 1)
        assert files_of(servers, owner) == before
    worker.make_due(job_id)
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        assert get_export(uow, export_id).state == ExportState.READY
