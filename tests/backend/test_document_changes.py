"""Edits, analyses, trash and retry, with the activity entries that belong to them."""

from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from fastapi import FastAPI

from clasio_backend.activity.service import list_latest, list_of_document
from clasio_backend.analysis.service import request_analysis
from clasio_backend.analysis.skipping import NotReadYet
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import QuotaExceeded, ValidationFailed
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.errors import InQuarantine, NothingToRetry
from clasio_backend.documents.schemas import DocumentChange, DocumentDetail, DocumentQuery
from clasio_backend.documents.service import (
    change_document,
    count_documents,
    get_document,
    get_text,
    list_documents,
    open_content,
    retry_document,
)
from clasio_backend.documents.trash import restore_document, trash_document
from clasio_backend.integrations.storage import BlobStore
from clasio_backend.models.documents import Outcome, Stage
from clasio_backend.usage.plans import PLANS, Meter
from tests import factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker

INVOICE = "Rechnung Nr. 17\nRechnungsdatum: 03.05.2026\nGesamtbetrag: 119,00 EUR\n" * 3


def shown(actor: Actor, document_id: UUID) -> DocumentDetail:
    with unit_of_work(actor.scope) as uow:
        return get_document(uow, document_id)


def change(actor: Actor, document_id: UUID, **values: object) -> DocumentDetail:
    with unit_of_work(actor.scope) as uow:
        return change_document(uow, document_id, DocumentChange.model_validate(values))


def blob_path(document: DocumentDetail, actor: Actor) -> Path:
    folder = urlsplit(get_settings().storage_url).path
    return Path(folder) / BlobStore.key(actor.organization_id, document.sha256)


def actions(actor: Actor, document_id: UUID) -> list[str]:
    with unit_of_work(actor.scope) as uow:
        return [row.action for row in reversed(list_of_document(uow, document_id))]


@pytest.fixture
def invoice(owner: Actor, worker: Worker) -> DocumentDetail:
    """An analysed invoice."""
    document = factories.upload(owner.scope, "Rechnung.txt", INVOICE)
    worker.run_all()
    return shown(owner, document.id)


def test_what_a_person_set_is_not_overwritten_by_a_later_analysis(
    owner: Actor, worker: Worker, invoice: DocumentDetail
) -> None:
    change(owner, invoice.id, category="Contracts", summary="What Ada says", issued_on=None)
    with unit_of_work(owner.scope) as uow:
        request_analysis(uow, invoice.id, "fast", key="again")
    worker.run_all()
    after = shown(owner, invoice.id)
    assert (after.category, after.summary, after.issued_on) == ("Contracts", "What Ada says", None)
    assert (after.document_type, after.outcome) == (invoice.document_type, Outcome.DONE)
    assert {name for name, source in after.value_sources.items() if source == "human"} == {
        "category",
        "summary",
        "issued_on",
    }


def test_an_edit_changes_what_was_sent_and_nothing_else(owner: Actor, invoice: DocumentDetail) -> None:
    after = change(owner, invoice.id, name="../neu\r\n.txt")
    assert after.name == "neu.txt"
    assert (after.category, after.summary, after.due_on) == (invoice.category, invoice.summary, invoice.due_on)
    assert "human" not in after.value_sources.values()


def test_an_unknown_category_is_refused(owner: Actor, invoice: DocumentDetail) -> None:
    with pytest.raises(ValidationFailed):
        change(owner, invoice.id, category="No such thing", summary="must not stay")
    assert shown(owner, invoice.id).summary == invoice.summary


def test_the_same_request_for_an_analysis_is_one_job(owner: Actor, invoice: DocumentDetail) -> None:
    jobs = set()
    for key in ("a", "a", "b"):
        with unit_of_work(owner.scope) as uow:
            jobs.add(request_analysis(uow, invoice.id, "fast", key=key))
    assert len(jobs) == 2


def test_a_document_without_text_cannot_be_analysed(owner: Actor) -> None:
    document = factories.upload(owner.scope)
    with pytest.raises(NotReadYet), unit_of_work(owner.scope) as uow:
        request_analysis(uow, document.id, "fast", key="too early")


def test_trash_takes_out_of_list_and_usage_and_restore_brings_back(owner: Actor, invoice: DocumentDetail) -> None:
    with unit_of_work(owner.scope) as uow:
        assert count_documents(uow).total == 1
        trash_document(uow, invoice.id)
        trash_document(uow, invoice.id)  # twice is once
        assert list_documents(uow, DocumentQuery()).items == ()
        assert count_documents(uow).total == 0
    assert shown(owner, invoice.id).is_trashed
    with unit_of_work(owner.scope) as uow:
        restore_document(uow, invoice.id)
        restore_document(uow, invoice.id)
        assert [row.id for row in list_documents(uow, DocumentQuery()).items] == [invoice.id]
        assert count_documents(uow).total == 1


def test_restoring_needs_room_in_the_plan(
    owner: Actor, invoice: DocumentDetail, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, invoice.id)
    monkeypatch.setitem(PLANS["business"].limits, Meter.DOCUMENTS, 0)
    with pytest.raises(QuotaExceeded), unit_of_work(owner.scope) as uow:
        restore_document(uow, invoice.id)
    assert shown(owner, invoice.id).is_trashed


def test_a_failed_document_is_tried_again_and_then_done(owner: Actor, worker: Worker) -> None:
    document = shown(owner, factories.upload(owner.scope, "Rechnung.txt", INVOICE).id)
    blob = blob_path(document, owner)
    content = blob.read_bytes()
    blob.unlink()
    while (job := worker.jobs_of(owner.organization_id)[0])["state"] == "queued":
        worker.make_due(job["id"])
        worker.run_all()
    failed = shown(owner, document.id)
    assert (failed.outcome, job["state"], job["attempts"]) == (Outcome.FAILED, "dead", 3)
    assert failed.stage_error is not None
    assert failed.stage_error.code == "reading_failed"
    assert "backup" in failed.stage_error.message
    blob.write_bytes(content)
    with unit_of_work(owner.scope) as uow:
        assert retry_document(uow, document.id).outcome == Outcome.PENDING
    worker.run_all()
    done = shown(owner, document.id)
    assert (done.stage, done.outcome, done.stage_error) == (Stage.ANALYSED, Outcome.DONE, None)


def test_there_is_nothing_to_retry_in_a_document_that_is_well(owner: Actor, invoice: DocumentDetail) -> None:
    with pytest.raises(NothingToRetry), unit_of_work(owner.scope) as uow:
        retry_document(uow, invoice.id)


def test_infected_bytes_are_given_to_nobody(owner: Actor, invoice: DocumentDetail, servers: Servers) -> None:
    with servers.as_owner() as connection:
        connection.execute("UPDATE documents SET outcome = 'infected' WHERE id = %s", [invoice.id])
    with pytest.raises(InQuarantine), unit_of_work(owner.scope) as uow:
        open_content(uow, invoice.id)


def test_a_download_is_noted(owner: Actor, invoice: DocumentDetail) -> None:
    assert invoice.last_accessed_at is None
    with unit_of_work(owner.scope) as uow:
        open_content(uow, invoice.id)
    assert shown(owner, invoice.id).last_accessed_at is not None
    assert actions(owner, invoice.id)[-1] == "document.downloaded"


def test_the_text_is_there_once_it_was_read(owner: Actor, worker: Worker) -> None:
    document = factories.upload(owner.scope, "note.txt", "Zeile eins\nZeile zwei")
    with unit_of_work(owner.scope) as uow:
        assert get_text(uow, document.id).text == ""
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        assert get_text(uow, document.id).text.split() == ["Zeile", "eins", "Zeile", "zwei"]


def test_every_change_is_written_down_with_who_did_it(owner: Actor, member: Actor, invoice: DocumentDetail) -> None:
    change(member, invoice.id, name="Neu.txt")
    with unit_of_work(member.scope) as uow:
        trash_document(uow, invoice.id)
        restore_document(uow, invoice.id)
    assert actions(owner, invoice.id) == [
        "document.uploaded",
        "document.analysed",
        "document.changed",
        "document.trashed",
        "document.restored",
    ]
    with unit_of_work(owner.scope) as uow:
        rows = list_of_document(uow, invoice.id)
    assert [row.who for row in rows] == [member.name, member.name, member.name, "Clasio", owner.name]
    assert {row.target_name for row in rows} == {"Neu.txt"}


def trash_and_break(actor: Actor, document_id: UUID) -> None:
    with unit_of_work(actor.scope) as uow:
        trash_document(uow, document_id)
        raise RuntimeError("half-way")


def test_a_change_that_is_undone_leaves_no_entry(owner: Actor, invoice: DocumentDetail) -> None:
    before = actions(owner, invoice.id)
    with pytest.raises(ValidationFailed):
        change(owner, invoice.id, category="No such thing")
    with pytest.raises(RuntimeError, match="half-way"):
        trash_and_break(owner, invoice.id)
    assert actions(owner, invoice.id) == before


def test_a_member_sees_their_own_entries_and_the_owner_all(owner: Actor, member: Actor) -> None:
    factories.upload(owner.scope, "owners.txt")
    factories.upload(member.scope, "members.txt")
    with unit_of_work(member.scope) as uow:
        assert {row.who for row in list_latest(uow, limit=100)} == {member.name}
    with unit_of_work(owner.scope) as uow:
        assert {owner.name, member.name} <= {row.who for row in list_latest(uow, limit=100)}


def test_one_action_on_many_has_a_result_for_each(app: FastAPI, owner: Actor, other_tenant: Actor) -> None:
    mine, gone = factories.upload(owner.scope, "mine.txt"), factories.upload(owner.scope, "gone.txt")
    foreign = factories.upload(other_tenant.scope, "foreign.txt")
    client = owner.api(app)
    ids = [str(document.id) for document in (mine, gone, foreign, mine)]
    answer = client.post("/api/v1/documents/bulk", json={"action": "trash", "ids": ids})
    assert [(row["name"], row["code"]) for row in answer.json()] == [
        ("mine.txt", "done"),
        ("gone.txt", "done"),
        ("", "document_not_found"),
    ]
    answer = client.post("/api/v1/documents/bulk", json={"action": "analyse", "ids": ids[:1]})
    assert answer.json()[0]["code"] == "in_trash"
    assert client.post("/api/v1/documents/bulk", json={"action": "purge", "ids": ids[:2]}).status_code == 200
    assert client.get("/api/v1/trash").json()["items"] == []


@pytest.mark.parametrize("ids", [[], ["x"], ["00000000-0000-0000-0000-000000000000"] * 201])
def test_too_many_or_no_ids_are_refused(app: FastAPI, owner: Actor, ids: list[str]) -> None:
    assert owner.api(app).post("/api/v1/documents/bulk", json={"action": "trash", "ids": ids}).status_code == 422
