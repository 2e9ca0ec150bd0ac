"""An export whose worker dies, or loses its job: whatever happens, there is one file in the end."""

import signal
from collections.abc import Callable

import pytest

from clasio_backend.core.job_queue import LostLease, QueueName, claim_next
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.exports import making
from clasio_backend.exports.schemas import ExportRow
from clasio_backend.exports.service import remove_export
from clasio_backend.integrations.storage import StorageError, get_blob_store
from jobs.control import take_back_expired, top_up_wake_ups
from jobs.runner import run_claimed, run_due
from tests import exporting, factories
from tests.cast import Actor
from tests.jobs.processes import PATIENCE_SECONDS, is_in_the_way, wait_for, worker_process
from tests.servers import Servers
from tests.worker import Worker

CAP = 2


@pytest.fixture(autouse=True)
def _report_each_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clasio_backend.exports.archive.REPORT_SECONDS", 0)


@pytest.fixture
def export(owner: Actor, worker: Worker) -> ExportRow:
    for number in range(5):
        factories.upload(owner.scope, f"{number}.txt")
    worker.run_all()
    return exporting.start(owner)


def paths(actor: Actor) -> list[str]:
    return get_blob_store().list_made(actor.organization_id, "exports")


def is_whole(actor: Actor, export: ExportRow) -> None:
    """One file, of five documents, and no rest of another."""
    ready = exporting.look(actor, export)
    assert (ready.state, ready.done, ready.total) == ("ready", 5, 5)
    assert len(exporting.unpack(exporting.download(actor, export)).lines("documents")) == 5
    assert len(paths(actor)) == 1


def made_entries(servers: Servers, export: ExportRow) -> int:
    with servers.as_owner() as connection:
        row = connection.execute(
            "SELECT count(*) FROM activity WHERE target_id = %s AND action = 'export.made'", [export.id]
        ).fetchone()
    return row[0] if row else 0


def test_a_worker_that_lost_its_job_half_way_changes_nothing(
    owner: Actor, export: ExportRow, worker: Worker, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker falls silent, a second one does the whole job, then the first wakes up."""
    assert export.job_id is not None
    report, slept = making._report, []

    def sleep_once(*arguments: object) -> None:
        if not slept:
            slept.append(True)
            worker.expire_lease(export.job_id)
            assert take_back_expired() == 1
            run_due(QueueName.BULK)
            assert exporting.look(owner, export).state == "ready"
        report(*arguments)

    monkeypatch.setattr(making, "_report", sleep_once)
    claimed = claim_next(QueueName.BULK, CAP)
    assert claimed is not None
    first_path = f"exports/{export.id}/{claimed[0].lease_token}"
    run_claimed(*claimed)
    assert slept
    is_whole(owner, export)
    assert first_path not in paths(owner)
    assert made_entries(servers, export) == 1


def test_a_worker_that_lost_its_job_at_the_very_end_takes_its_file_back(
    owner: Actor, export: ExportRow, worker: Worker, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, slept = making._settle, []

    def sleep_once(*arguments: object) -> None:
        if not slept:
            slept.append(True)
            worker.expire_lease(export.job_id)
            assert take_back_expired() == 1
            run_due(QueueName.BULK)
        settle(*arguments)

    monkeypatch.setattr(making, "_settle", sleep_once)
    claimed = claim_next(QueueName.BULK, CAP)
    assert claimed is not None
    # The second worker clears what the first has written; the first must not bring it back, nor take the second's.
    run_claimed(*claimed)
    assert slept
    is_whole(owner, export)
    assert made_entries(servers, export) == 1


def test_a_worker_that_lost_its_job_before_it_began_leaves_the_other_file_alone(
    owner: Actor, export: ExportRow, worker: Worker, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It wakes up when it is about to tidy, and the only file there is the one that counts."""
    remove_rests, slept = making._remove_rests, []

    def sleep_once(*arguments: object) -> None:
        if not slept:
            slept.append(True)
            assert export.job_id is not None
            worker.expire_lease(export.job_id)
            assert take_back_expired() == 1
            run_due(QueueName.BULK)
        remove_rests(*arguments)

    monkeypatch.setattr(making, "_remove_rests", sleep_once)
    claimed = claim_next(QueueName.BULK, CAP)
    assert claimed is not None
    run_claimed(*claimed)
    assert slept
    is_whole(owner, export)
    assert made_entries(servers, export) == 1


@pytest.mark.parametrize("point", ["_begin", "_report", "_settle", "finish"])
@pytest.mark.parametrize("error", [StorageError, RuntimeError])
def test_a_failure_at_any_point_is_tried_again(  # noqa: PLR0917
    owner: Actor,
    export: ExportRow,
    worker: Worker,
    servers: Servers,
    monkeypatch: pytest.MonkeyPatch,
    point: str,
    error: Callable[[], Exception],
) -> None:
    real, failed = getattr(making, point), []

    def fail_once(*arguments: object, **named: object) -> object:
        if not failed:
            failed.append(True)
            raise error()
        return real(*arguments, **named)

    monkeypatch.setattr(making, point, fail_once)
    run_due(QueueName.BULK)
    assert failed
    assert exporting.look(owner, export).state in {"queued", "running"}
    assert export.job_id is not None
    worker.make_due(export.job_id)
    worker.run_all()
    is_whole(owner, export)
    assert made_entries(servers, export) == 1


def test_a_cancelled_export_stops_and_leaves_no_file(
    owner: Actor, export: ExportRow, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = making._report

    def cancel(*arguments: object) -> None:
        with unit_of_work(owner.scope) as uow:
            remove_export(uow, export.id)
        with pytest.raises(LostLease) as lost:
            report(*arguments)
        raise lost.value

    with monkeypatch.context() as patched:
        patched.setattr(making, "_report", cancel)
        claimed = claim_next(QueueName.BULK, CAP)
        assert claimed is not None
        run_claimed(*claimed)
    assert paths(owner) == []
    assert made_entries(servers, export) == 0


def test_the_export_of_a_killed_worker_is_made_elsewhere(owner: Actor, worker: Worker, servers: Servers) -> None:
    factories.upload(owner.scope, "large.txt", b"more than is kept in memory\n" * 500_000)
    for number in range(4):
        factories.upload(owner.scope, f"{number}.txt")
    export = exporting.start(owner)
    job_id = export.job_id
    assert job_id is not None
    with servers.as_owner() as blocking:
        blocking.execute("UPDATE exports SET state = 'running' WHERE id = %s", [export.id])
        with worker_process(servers, "bulk") as first, blocking.transaction():
            # Holding the row keeps the worker in the middle: the large document is written, and it wants to say so.
            blocking.execute("SELECT 1 FROM exports WHERE id = %s FOR UPDATE", [export.id])
            top_up_wake_ups()
            wait_for(lambda: worker.job(job_id)["state"] == "running")
            wait_for(lambda: is_in_the_way(servers, blocking))
            first.send_signal(signal.SIGKILL)
            first.wait(PATIENCE_SECONDS)
    [half] = paths(owner)
    assert "#" in half  # begun and never closed
    worker.expire_lease(job_id)
    assert take_back_expired() == 1
    run_due(QueueName.BULK)
    is_whole(owner, export)
    assert worker.job(job_id)["lost_leases"] == 1


def test_halves_that_a_killed_worker_left_go_with_the_next_attempt(
    owner: Actor, export: ExportRow, servers: Servers
) -> None:
    folder = servers.folder / "blobs" / str(owner.organization_id) / "made" / "exports" / str(export.id)
    folder.mkdir(parents=True)
    (folder / "01890000-0000-7000-8000-000000000001#1").write_bytes(b"half")
    (folder / "01890000-0000-7000-8000-000000000002").write_bytes(b"whole, but never recorded")
    run_due(QueueName.BULK)
    is_whole(owner, export)


def test_a_document_that_is_purged_meanwhile_is_missing_and_nothing_else(
    owner: Actor, export: ExportRow, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, purged = making._report, []

    def purge_the_last(*arguments: object) -> None:
        if not purged:
            with servers.as_owner() as connection:
                row = connection.execute(
                    "DELETE FROM documents WHERE (organization_id, id) = (SELECT organization_id, id FROM documents"
                    " WHERE organization_id = %s ORDER BY id DESC LIMIT 1) RETURNING sha256",
                    [owner.organization_id],
                ).fetchone()
            assert row is not None
            purged.append(row[0])
            get_blob_store().delete(owner.organization_id, row[0])
        report(*arguments)

    monkeypatch.setattr(making, "_report", purge_the_last)
    run_due(QueueName.BULK)
    unpacked = exporting.unpack(exporting.download(owner, export))
    assert len(unpacked.lines("documents")) == 4
    assert len(unpacked.lines("texts")) == 4
    assert unpacked.manifest["left_out"] == []
