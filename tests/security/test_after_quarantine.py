"""What was made of a document before it was caught, or is under way just then, gives nothing of it away."""

import io
import zipfile
from uuid import UUID

import pytest
from fastapi import FastAPI

from clasio_backend.core.job_queue import JobKind, QueueName, claim_next
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.archive import plan_archive, stream_archive
from clasio_backend.documents.errors import DocumentNotFound
from clasio_backend.documents.renderings import Wanted, kept_or_made
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.documents.scanning import Verdict, settle_verdict
from clasio_backend.documents.schemas import ArchiveQuery
from clasio_backend.exports.archive import ExportArchive
from clasio_backend.exports.collecting import Collector
from clasio_backend.exports.making import make_export
from clasio_backend.models.documents import Scan
from clasio_backend.models.renderings import RenderingKind
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents
from tests import exporting, factories
from tests.cast import Actor
from tests.scanning import WORD, shown
from tests.worker import Worker

FOUND = Verdict(Scan.INFECTED, "Test.Signature", "ClamAV 1.4.6/1/test")


def catch(actor: Actor, document_id: UUID) -> None:
    """The scanner's verdict on a document that was open until now."""
    with unit_of_work(system_scope(actor.organization_id, "test")) as uow:
        settle_verdict(uow, uow.repository(DocumentRepository).get_for_update(document_id), FOUND)


def found(actor: Actor, q: str) -> list[UUID]:
    with unit_of_work(actor.scope) as uow:
        return [hit.document.id for hit in search_documents(uow, SearchQuery(q=q)).items]


@pytest.fixture
def caught(owner: Actor, worker: Worker, app: FastAPI) -> UUID:
    """In quarantine, with values that say something."""
    document_id = factories.upload(owner.scope, "note.txt", f"A note about the {WORD}").id
    worker.run_all()
    values = {"summary": f"It is about a {WORD}", "category": "Invoices", "document_type": WORD}
    assert owner.api(app).patch(f"/api/v1/documents/{document_id}", json=values).status_code == 200
    assert found(owner, WORD) == [document_id]
    catch(owner, document_id)
    return document_id


def test_its_words_come_back_by_no_edit(owner: Actor, caught: UUID, worker: Worker, app: FastAPI) -> None:
    client, path = owner.api(app), f"/api/v1/documents/{caught}"
    assert found(owner, WORD) == []
    categories = {row["name"]: row["id"] for row in client.get("/api/v1/categories").json()}
    answers = [
        client.patch(path, json={"name": "renamed.txt"}),
        client.post(f"{path}/undo", json={"value": "summary"}),
        client.post(f"{path}/accept", json={"value": "language"}),
        client.patch(f"/api/v1/categories/{categories['Invoices']}", json={"name": "Bills"}),
        client.post(f"{path}/retry"),
        client.delete(path),
        client.post(f"{path}/restore"),
    ]
    worker.run_all()
    assert found(owner, WORD) == found(owner, "bills") == []
    assert found(owner, "renamed") == [caught]
    assert not any(WORD in answer.text for answer in answers)
    assert WORD not in client.get(path).text
    assert client.get("/api/v1/documents", params={"category": "Bills"}).json()["items"] == []


def test_a_zip_file_that_is_being_sent_leaves_it_out(owner: Actor, worker: Worker) -> None:
    names = ["a.txt", "b.txt", "c.txt"]
    ids = {name: factories.upload(owner.scope, name, f"{name} {WORD}").id for name in names}
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        members = plan_archive(uow, ArchiveQuery())
    pieces = stream_archive(owner.scope, members)
    begun = next(pieces)
    for member in members[1:2]:
        catch(owner, ids[member.name])
    with zipfile.ZipFile(io.BytesIO(begun + b"".join(pieces))) as archive:
        assert sorted(archive.namelist()) == sorted({*names} - {members[1].name})


def test_an_export_that_is_being_made_ends(owner: Actor, worker: Worker) -> None:
    ids = [factories.upload(owner.scope, content=f"{WORD} {number}").id for number in range(3)]
    worker.run_all()
    export = exporting.start(owner)
    while (taken := claim_next(QueueName.BULK, 8)) is not None and taken[1].kind != JobKind.MAKE_EXPORT:
        pass
    assert taken is not None
    scope = system_scope(owner.organization_id, "test")
    whole = ExportArchive.pieces

    def catch_in_the_middle(archive: ExportArchive) -> object:
        pieces = whole(archive)
        yield next(pieces)
        catch(owner, ids[-1])
        yield from pieces

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ExportArchive, "pieces", catch_in_the_middle)
        with pytest.raises(Exception, match="taken this job over"):
            make_export(scope, taken[0], export.id)
    worker.run_all()
    seen = exporting.look(owner, export)
    assert (seen.state, "quarantine" in (seen.error or "")) == ("failed", True)


def test_an_export_made_afterwards_says_nothing_of_it(owner: Actor, caught: UUID, worker: Worker) -> None:
    made = exporting.made(owner, worker)
    (line,) = made.lines("documents")
    assert (line["summary"], line["document_type"], line["category_id"], line["file"]) == (None, None, None, None)
    assert made.lines("texts") == made.lines("analyses") == []
    assert [left["reason"] for left in made.manifest["left_out"]] == ["infected"]


def test_nothing_is_drawn_of_it_any_more(owner: Actor, caught: UUID) -> None:
    wanted = Wanted(owner.organization_id, caught, 1, RenderingKind.PAGE, "1")
    with pytest.raises(DocumentNotFound):
        kept_or_made(wanted, lambda: b"a picture")


def test_the_collector_takes_no_text_of_it(owner: Actor, caught: UUID) -> None:
    collector = Collector(system_scope(owner.organization_id, "test"), None)
    assert [batch.texts for batch in collector.batches(10)] == [[]]
    assert shown(owner, caught).summary is None
