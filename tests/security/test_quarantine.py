"""What the scanner caught: owners see it, delete it or release it with a reason; nobody else can."""

from uuid import UUID

import pytest
from fastapi import FastAPI

from clasio_backend.activity.service import list_of_document
from clasio_backend.core.errors import NotFound
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.errors import DocumentNotFound, NotInQuarantine
from clasio_backend.documents.quarantine import (
    count_quarantine,
    delete_quarantined,
    list_quarantine,
    release_document,
)
from clasio_backend.documents.schemas import QuarantinePage, QuarantineQuery, Release
from clasio_backend.documents.service import get_document
from clasio_backend.documents.trash import restore_document, trash_document
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.models.documents import Outcome, Scan, Stage
from tests import factories
from tests.cast import Actor
from tests.scanning import EICAR, OURS, RealClamd
from tests.worker import Worker

WHY = Release(reason="A test file of our own")


def caught(actor: Actor, query: QuarantineQuery | None = None) -> QuarantinePage:
    with unit_of_work(actor.scope) as uow:
        return list_quarantine(uow, query or QuarantineQuery())


@pytest.fixture
def virus(owner: Actor, worker: Worker, scanner: RealClamd) -> UUID:
    document = factories.upload(owner.scope, "bill.txt", b"A bill. " + OURS)
    worker.run_all()
    return document.id


def test_owners_see_what_was_found_when_and_of_whom(owner: Actor, virus: UUID) -> None:
    (row,) = caught(owner).items
    assert (row.document.id, row.document.uploaded_by) == (virus, owner.name)
    assert row.signature.startswith("Clasio.Test.Marker")
    assert row.engine.startswith("ClamAV ")
    assert row.caught_at


def test_a_release_wants_a_reason_and_lets_the_document_go(
    owner: Actor, virus: UUID, worker: Worker, app: FastAPI
) -> None:
    client = owner.api(app)
    path = f"/api/v1/quarantine/{virus}/release"
    for wrong in ({}, {"reason": ""}, {"reason": "  a "}, {"reason": "x" * 501}, {"reason": "a\0bc"}):
        assert client.post(path, json=wrong).status_code == 422
    assert client.post(path, json={"reason": WHY.reason}).json()["outcome"] == "pending"
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        document = get_document(uow, virus)
        entries = {entry.action: entry for entry in list_of_document(uow, virus)}
    assert (document.scan, document.outcome, document.stage) == (Scan.RELEASED, Outcome.DONE, Stage.ANALYSED)
    assert (document.release_reason, document.is_open) == (WHY.reason, True)
    assert (document.scan_signature or "").startswith("Clasio.Test.Marker")  # whoever opens it sees it
    assert entries["document.released"].who == owner.name
    assert WHY.reason in entries["document.released"].detail
    assert client.get(f"/api/v1/documents/{virus}/content").content.endswith(OURS)
    assert caught(owner).items == ()
    assert client.post(path, json={"reason": WHY.reason}).json()["code"] == "not_in_quarantine"


def test_a_deletion_leaves_nothing(owner: Actor, virus: UUID, worker: Worker) -> None:
    sha256 = caught(owner).items[0].document.sha256
    with unit_of_work(owner.scope) as uow:
        delete_quarantined(uow, virus)
    worker.run_all()
    with pytest.raises(DocumentNotFound), unit_of_work(owner.scope) as uow:
        get_document(uow, virus)
    assert not get_blob_store().has(owner.organization_id, sha256)


def test_only_owners_decide(owner: Actor, member: Actor, outsider: Actor, virus: UUID) -> None:
    for actor in (member, outsider):
        services = [lambda uow: release_document(uow, virus, WHY), lambda uow: delete_quarantined(uow, virus)]
        for service in services:
            with pytest.raises(NotFound), unit_of_work(actor.scope) as uow:
                service(uow)
        with unit_of_work(actor.scope) as uow:
            assert count_quarantine(uow) == 0
    with pytest.raises(NotFound):
        caught(member)
    assert caught(outsider).items == ()
    with unit_of_work(owner.scope) as uow:
        assert count_quarantine(uow) == 1


def test_the_trash_is_no_way_round(owner: Actor, virus: UUID, app: FastAPI) -> None:
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, virus)
    with pytest.raises(NotInQuarantine), unit_of_work(owner.scope) as uow:
        release_document(uow, virus, WHY)
    with unit_of_work(owner.scope) as uow:
        restore_document(uow, virus)
    assert owner.api(app).get(f"/api/v1/documents/{virus}/content").status_code == 409
    assert len(caught(owner).items) == 1


def test_trying_again_is_no_way_round(owner: Actor, virus: UUID, app: FastAPI) -> None:
    assert owner.api(app).post(f"/api/v1/documents/{virus}/retry").status_code in {404, 405, 409}
    assert caught(owner).items[0].document.id == virus


def test_the_quarantine_is_read_a_page_at_a_time(owner: Actor, worker: Worker, scanner: RealClamd) -> None:
    ids = [factories.upload(owner.scope, f"{n}.txt", EICAR + b" " * (n + 1)).id for n in range(3)]
    worker.run_all()
    first = caught(owner, QuarantineQuery(limit=2))
    second = caught(owner, QuarantineQuery(limit=2, cursor=first.next_cursor))
    assert {row.document.id for row in (*first.items, *second.items)} == set(ids)
    assert (len(first.items), len(second.items), second.next_cursor) == (2, 1, None)


def test_owners_are_told_once_an_hour(owner: Actor, member: Actor, virus: UUID, worker: Worker) -> None:
    factories.upload(owner.scope, "more.txt", EICAR)
    worker.run_all()
    assert len(caught(owner).items) == 2
    sent = [mail for mail in list_kept_mails() if mail.to_address in {owner.email, member.email}]
    assert [mail.to_address for mail in sent] == [owner.email]
    assert "bill.txt" in sent[0].subject
