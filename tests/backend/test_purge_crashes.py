"""A crash at any point of a purge loses nothing that should stay, and leaves nothing that should go.

The points are found by running: before each statement, before and after each commit, before and after each call of the
file store.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from clasio_backend.activity.schemas import ActivityQuery
from clasio_backend.activity.service import list_activity
from clasio_backend.core.db import get_engine
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentQuery, DocumentRow, TrashQuery
from clasio_backend.documents.service import list_documents, open_content, stream_content
from clasio_backend.documents.trash import count_trash, list_trash, request_empty_trash, trash_document
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.integrations.storage.blobs import BlobStore
from clasio_backend.usage.service import reconcile
from jobs.control import take_back_expired
from tests import cast, factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker

FEWEST_POINTS = 25
HEAD_START_SECONDS = 0.02
STORE_CALLS = ("has", "put", "delete")


class Crash(BaseException):
    """The process dies here: nothing catches this."""


@dataclass
class Points:
    """Counts the points that this thread passes, and calls `act` at number `at`."""

    at: int
    act: Callable[[], None]
    passed: int = 0
    thread: int = 0

    def pass_one(self, *_: object) -> None:
        if threading.get_ident() == self.thread:
            self.passed += 1
            if self.passed == self.at:
                self.act()

    @contextmanager
    def counting(self) -> Iterator[None]:
        self.thread = threading.get_ident()
        # Not the engine's own event "commit": what is raised there leaves the transaction open in the pool, where no
        # process has died and the next step would go on in it.
        heard = [(get_engine(), "before_cursor_execute"), (Session, "before_commit"), (Session, "after_commit")]
        with ExitStack() as stack, pytest.MonkeyPatch.context() as patched:
            for name in STORE_CALLS:
                patched.setattr(BlobStore, name, self._around(getattr(BlobStore, name)))
            for target, name in heard:
                event.listen(target, name, self.pass_one)
                stack.callback(event.remove, target, name, self.pass_one)
            yield

    def _around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            self.pass_one()
            result = call(*arguments, **named)
            self.pass_one()
            return result

        return called


@dataclass(frozen=True)
class Scene:
    """`lonely` and `twin` are being purged; `kept` has the bytes of `twin`."""

    actor: Actor
    lonely: DocumentRow
    twin: DocumentRow
    kept: DocumentRow


def set_up(worker: Worker) -> Scene:
    """The trash is about to be emptied by a job."""
    actor = cast.owner()
    lonely = factories.upload(actor.scope, "lonely.txt", "bytes of one document")
    twin = factories.upload(actor.scope, "twin.txt", "bytes of two documents")
    kept = factories.upload(actor.scope, "kept.txt", "bytes of two documents", keep_duplicate=True)
    worker.run_all()
    with unit_of_work(actor.scope) as uow:
        trash_document(uow, lonely.id)
        trash_document(uow, twin.id)
        request_empty_trash(uow)
    return Scene(actor, lonely, twin, kept)


def start_again(scene: Scene, worker: Worker) -> None:
    """What `control` and a new worker do once the dead one's leases have run out."""
    for job in worker.jobs_of(scene.actor.organization_id):
        if job["state"] == "running":
            worker.expire_lease(job["id"])
    take_back_expired()
    worker.run_all()


def contents(actor: Actor) -> dict[str, bytes]:
    """Every document outside the trash, read back."""
    with unit_of_work(actor.scope) as uow:
        rows = list_documents(uow, DocumentQuery()).items
        return {row.name: b"".join(stream_content(open_content(uow, row.id))) for row in rows}


def bytes_missing_in_trash(actor: Actor) -> list[str]:
    """Names of documents that are still in the trash, and could be restored, without bytes."""
    with unit_of_work(actor.scope) as uow:
        rows = [row.document for row in list_trash(uow, TrashQuery()).items]
    return [row.name for row in rows if not get_blob_store().has(actor.organization_id, row.sha256)]


def check_all_is_done(scene: Scene, worker: Worker, servers: Servers, *, bytes_are_back: bool) -> None:
    actor, store = scene.actor, get_blob_store()
    ended = [(job["kind"], job["state"], job["last_error"]) for job in worker.jobs_of(actor.organization_id)]
    assert [job for job in ended if job[1] != "succeeded"] == []
    assert contents(actor)["kept.txt"] == b"bytes of two documents"
    assert store.has(actor.organization_id, scene.lonely.sha256) is bytes_are_back
    with unit_of_work(actor.scope) as uow:
        assert count_trash(uow) == 0
        assert reconcile(uow) == {}
        entries = list_activity(uow, ActivityQuery(limit=100)).items
    purged = sorted(entry.target_name for entry in entries if entry.action == "document.purged")
    assert purged == ["lonely.txt", "twin.txt"]  # each told once
    with servers.as_owner() as connection:
        for table in ("document_texts", "analyses"):
            query = f"SELECT count(*) FROM {table} WHERE document_id = ANY (%s)".encode()
            assert connection.execute(query, [[scene.lonely.id, scene.twin.id]]).fetchone() == (0,)
        blobs = connection.execute("SELECT sha256 FROM blobs WHERE organization_id = %s", [actor.organization_id])
        wanted = {scene.kept.sha256} | ({scene.lonely.sha256} if bytes_are_back else set())
        assert {row[0] for row in blobs} == wanted


def test_a_crash_at_any_point_loses_nothing_and_leaves_nothing(worker: Worker, servers: Servers) -> None:
    def die() -> None:
        raise Crash

    number, has_ended = 0, False
    while not has_ended:
        number += 1
        scene, points = set_up(worker), Points(number, die)
        try:
            with points.counting():
                worker.run_all()
        except Crash:
            assert contents(scene.actor) == {"kept.txt": b"bytes of two documents"}, number
            assert bytes_missing_in_trash(scene.actor) == [], number
        else:
            has_ended = True
        start_again(scene, worker)
        check_all_is_done(scene, worker, servers, bytes_are_back=False)
    assert number > FEWEST_POINTS


def test_the_same_bytes_uploaded_at_any_point_are_there_afterwards(worker: Worker, servers: Servers) -> None:
    number, has_ended = 0, False
    while not has_ended:
        number += 2  # each point stands beside one like it: before and after
        scene = set_up(worker)

        def upload(scene: Scene = scene) -> None:
            factories.upload(scene.actor.scope, "again.txt", "bytes of one document")

        uploading = threading.Thread(target=upload)

        def come_back(uploading: threading.Thread = uploading) -> None:
            uploading.start()
            uploading.join(HEAD_START_SECONDS)  # it may have to wait for the purge, which goes on

        points = Points(number, come_back)
        with points.counting():
            worker.run_all()
        has_ended = points.passed < number
        if has_ended:
            break
        uploading.join()
        worker.run_all()
        assert contents(scene.actor)["again.txt"] == b"bytes of one document", number
        check_all_is_done(scene, worker, servers, bytes_are_back=True)
    assert number > FEWEST_POINTS
