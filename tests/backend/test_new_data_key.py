"""A new data key for an organization: everything moves to it, nothing is lost on the way, the former key is gone."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from clasio_backend.core.errors import NotFound
from clasio_backend.core.gateway import Claim
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, LostLease, QueueName, claim_next, take_back
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.pages import PageSize, open_page, rendering_of
from clasio_backend.documents.service import open_content, stream_content
from clasio_backend.integrations.storage import BlobStore, get_blob_store, keys
from clasio_backend.integrations.storage.sealing import NAMES_KEY_BYTES, key_id_in
from clasio_backend.ops.access import command_line
from clasio_backend.ops.data_keys import make_data_key
from clasio_backend.rekeying import moving
from clasio_backend.rekeying.moving import move_to_newest_key
from tests import exporting, factories
from tests.cast import Actor
from tests.made_documents import Made
from tests.servers import Servers
from tests.worker import Worker


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As two minutes after the key was made."""
    monkeypatch.setattr(moving, "SETTLED", timedelta(0))


def content_of(actor: Actor, document_id: UUID) -> bytes:
    with unit_of_work(actor.scope) as uow:
        content = open_content(uow, document_id)
    return b"".join(stream_content(content))


def picture(actor: Actor, document_id: UUID) -> bytes:
    with unit_of_work(actor.scope) as uow:
        source = open_page(uow, document_id, 1, PageSize.THUMBNAIL)
    return rendering_of(source)


def named_keys(servers: Servers, actor: Actor) -> set[UUID]:
    """The keys that what is stored of the organization names."""
    folder = servers.folder / "blobs" / str(actor.organization_id)
    return {key_id_in(path.read_bytes()[:NAMES_KEY_BYTES]) for path in folder.rglob("*") if path.is_file()}


def key_rows(servers: Servers, actor: Actor) -> tuple[set[UUID], set[UUID]]:
    """Ids of the organization's keys, and of those that rows of blobs name."""
    with servers.as_owner() as connection:
        here = [actor.organization_id]
        ids = connection.execute("SELECT id FROM data_keys WHERE organization_id = %s", here).fetchall()
        named = connection.execute("SELECT key_id FROM blobs WHERE organization_id = %s", here).fetchall()
    return {row[0] for row in ids}, {row[0] for row in named}


def new_key(actor: Actor) -> tuple[UUID, UUID]:
    """(key, job)"""
    made = make_data_key(command_line(), actor.organization_id)
    return made.key_id, made.job_id


def as_other_processes_see_it() -> None:
    keys._cache.clear()


def test_everything_moves_and_the_former_key_is_gone(  # noqa: PLR0917
    owner: Actor, operator: Actor, worker: Worker, servers: Servers, tmp_path: Path, app: FastAPI
) -> None:
    texts = {factories.upload(owner.scope, content=text).id: text for text in (f"one {new_id()}", f"two {new_id()}")}
    pdf = factories.upload(owner.scope, "a.pdf", Made(tmp_path).pdf(f"A page {new_id()}").read_bytes()).id
    worker.run_all()
    before, export = picture(owner, pdf), exporting.start(owner)
    worker.run_all()
    file = exporting.download(owner, export)
    (former,), _ = key_rows(servers, owner)
    key_id, job_id = new_key(owner)
    late = factories.upload(owner.scope, content="what comes in from now on")
    assert key_rows(servers, owner)[1] == {former, key_id}
    worker.run_all()
    as_other_processes_see_it()
    assert key_rows(servers, owner) == ({key_id}, {key_id})
    assert named_keys(servers, owner) == {key_id}
    for document_id, text in {**texts, late.id: "what comes in from now on"}.items():
        assert content_of(owner, document_id) == text.encode()
    assert (picture(owner, pdf), exporting.download(owner, export)) == (before, file)
    job = worker.job(job_id)
    assert (job["state"], job["progress"]["done"]) == ("succeeded", job["progress"]["total"])
    events = operator.browser(app).get("/api/v1/ops/security-events").json()["items"]
    ours = [event for event in events if event["details"].get("organization_id") == str(owner.organization_id)]
    assert [(event["kind"], event["who"]) for event in ours] == [
        ("data_key_destroyed", "Clasio"),
        ("operator_made_data_key", "The command line"),
    ]


def test_it_begins_when_every_process_knows_the_key(
    owner: Actor, worker: Worker, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "SETTLED", timedelta(minutes=2))
    factories.upload(owner.scope)
    (former,), _ = key_rows(servers, owner)
    _, job_id = new_key(owner)
    worker.run_all()
    job = worker.job(job_id)
    assert (job["state"], job["progress"]["waits_for"], job["attempts"]) == ("queued", "key", 0)
    assert key_rows(servers, owner)[1] == {former}


class Crash(BaseException):
    """As kill -9."""


class Crashing:
    """Crashes at one of the steps of the store, before or after it."""

    STEPS = ("_write_slowly", "_remove", "clear_key")

    def __init__(self, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left, self.is_over = at, False
        for name in self.STEPS:
            monkeypatch.setattr(BlobStore, name, self._around(getattr(BlobStore, name)))

    def _around(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*values: Any) -> Any:
            self._count()
            done = step(*values)
            self._count()
            return done

        return stepped

    def _count(self) -> None:
        if self.is_over:
            return
        self.left -= 1
        if self.left < 0:
            self.is_over = True
            raise Crash


def taken(actor: Actor) -> Claim:
    while (found := claim_next(QueueName.BULK, 8)) is not None:
        if found[1].kind == JobKind.MOVE_TO_KEY:
            assert found[0].organization_id == actor.organization_id
            return found[0]
    raise AssertionError("no such job is due")


def test_a_kill_at_any_step_loses_nothing(owner: Actor, worker: Worker, servers: Servers, tmp_path: Path) -> None:
    texts = {factories.upload(owner.scope, content=text).id: text for text in (f"one {new_id()}", f"two {new_id()}")}
    worker.run_all()
    pdf = factories.upload(owner.scope, "a.pdf", Made(tmp_path).pdf(f"A page {new_id()}").read_bytes()).id
    drawn, scope, crashes = picture(owner, pdf), system_scope(owner.organization_id, "test"), 0
    while True:
        key_id, job_id = new_key(owner)
        claim = taken(owner)
        with pytest.MonkeyPatch.context() as patched:
            Crashing(crashes, patched)
            try:
                move_to_newest_key(scope, claim)
            except Crash:
                crashes += 1
            else:
                break
        as_other_processes_see_it()
        for document_id, text in texts.items():
            assert content_of(owner, document_id) == text.encode(), crashes
        assert picture(owner, pdf) == drawn
        worker.expire_lease(job_id)
        with unit_of_work(scope) as uow:
            take_back(uow, job_id)
        move_to_newest_key(scope, taken(owner))
        as_other_processes_see_it()
        assert key_rows(servers, owner) == ({key_id}, {key_id}), crashes
        assert named_keys(servers, owner) == {key_id}, crashes
    assert crashes >= 14  # three blobs written and removed, a picture, the last sweep: before and after each
    assert {document_id: content_of(owner, document_id).decode() for document_id in texts} == texts


def test_who_lost_the_job_moves_nothing_on(owner: Actor, worker: Worker, servers: Servers) -> None:
    factories.upload(owner.scope)
    (former,), _ = key_rows(servers, owner)
    key_id, _ = new_key(owner)
    claim = taken(owner)._replace(lease_token=new_id())
    with pytest.raises(LostLease):
        move_to_newest_key(system_scope(owner.organization_id, "test"), claim)
    assert key_rows(servers, owner)[0] == {former, key_id}


def test_downloads_go_on_meanwhile(owner: Actor, worker: Worker, servers: Servers) -> None:
    texts = {
        factories.upload(owner.scope, content=text).id: text.encode()
        for text in (f"{number} {new_id()} " + "a long line of text\n" * 20_000 for number in range(6))
    }
    worker.run_all()
    is_over = threading.Event()

    def download() -> int:
        count = 0
        while not is_over.is_set() or not count:
            for document_id, text in texts.items():
                assert content_of(owner, document_id) == text
                count += 1
        return count

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(download) for _ in range(4)]
        try:
            for _ in range(3):
                new_key(owner)
                worker.run_all()
        finally:
            is_over.set()
        assert all(reader.result() for reader in readers)
    assert len(key_rows(servers, owner)[0]) == 1


@pytest.fixture
def other_process(owner: Actor) -> Iterator[Callable[[], None]]:
    """Another process remembers the key of now, whatever becomes of it."""
    factories.upload(owner.scope)
    name = (owner.organization_id, None)
    remembered = keys._cache[name]

    def remember() -> None:
        keys._cache[name] = remembered

    yield remember
    as_other_processes_see_it()


def test_an_upload_with_a_key_that_is_gone_is_stored_again(
    owner: Actor, worker: Worker, servers: Servers, other_process: Callable[[], None]
) -> None:
    key_id, _ = new_key(owner)
    worker.run_all()
    other_process()
    document = factories.upload(owner.scope, content="late")
    as_other_processes_see_it()
    assert content_of(owner, document.id) == b"late"
    assert key_rows(servers, owner) == ({key_id}, {key_id})


def test_the_same_bytes_under_a_former_key_leave_the_moved_ones_alone(
    owner: Actor, worker: Worker, servers: Servers, other_process: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = factories.upload(owner.scope, content="the same")
    new_key(owner)
    scope, claim = system_scope(owner.organization_id, "test"), taken(owner)
    finish = moving._finish

    def with_an_upload(*values: Any) -> None:
        other_process()
        factories.upload(owner.scope, content="the same", keep_duplicate=True)
        factories.upload(owner.scope, content="comes late")
        as_other_processes_see_it()
        finish(*values)

    monkeypatch.setattr(moving, "_finish", with_an_upload)
    move_to_newest_key(scope, claim)
    assert content_of(owner, first.id) == b"the same"
    ids, named = key_rows(servers, owner)
    assert (len(ids), ids) == (1, named)
    assert named_keys(servers, owner) == ids


def test_what_cannot_be_read_keeps_the_former_key(owner: Actor, worker: Worker, servers: Servers) -> None:
    damaged, fine = (factories.upload(owner.scope, content=f"{new_id()}") for _ in range(2))
    worker.run_all()
    path = servers.folder / "blobs" / BlobStore.key(owner.organization_id, damaged.sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    (former,), _ = key_rows(servers, owner)
    key_id, job_id = new_key(owner)
    worker.run_all()
    assert worker.job(job_id)["state"] == "succeeded"
    assert key_rows(servers, owner)[0] == {former, key_id}
    assert content_of(owner, fine.id)
    with servers.as_owner() as connection:
        row = connection.execute(
            "SELECT details FROM security_events WHERE kind = 'data_key_kept' ORDER BY at DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    assert row[0]["files_left"] == "1"


def test_a_purged_document_leaves_nothing_under_any_key(
    owner: Actor, worker: Worker, servers: Servers, app: FastAPI
) -> None:
    document = factories.upload(owner.scope)
    worker.run_all()
    new_key(owner)
    worker.run_all()
    client = owner.api(app)
    client.delete(f"/api/v1/documents/{document.id}")
    client.post("/api/v1/documents/bulk", json={"action": "purge", "ids": [str(document.id)]})
    worker.run_all()
    assert not get_blob_store().has(owner.organization_id, document.sha256)
    assert named_keys(servers, owner) == set()


def test_there_is_no_key_for_who_is_not_there(servers: Servers) -> None:
    with pytest.raises(NotFound):
        make_data_key(command_line(), new_id())
