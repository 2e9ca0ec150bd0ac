"""What came in while the scanner was off, or an older database found clean, is scanned later: with a real clamd."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI

from clasio_backend.activity.service import list_of_document
from clasio_backend.analysis.service import request_analysis
from clasio_backend.core.config import get_settings
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, LostLease, claim_next
from clasio_backend.core.job_queue import QueueName as Queue
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents import rescans
from clasio_backend.documents.errors import NothingToScan, ScannerOff
from clasio_backend.documents.quarantine import release_document
from clasio_backend.documents.rescans import Which, request_rescan, rescan_what_was_not_scanned, scan_again, scan_now
from clasio_backend.documents.schemas import Release
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.mail.service import list_kept_mails
from clasio_backend.models.documents import Outcome, Scan, Stage
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents
from tests import exporting, factories
from tests.cast import Actor, visitor
from tests.made_documents import Made
from tests.scanning import HONEST, OURS, WORD, RealClamd, everything_refuses, shown
from tests.servers import Servers
from tests.worker import Worker

TurnOn = Callable[[], None]


@pytest.fixture
def turn_on(clamd: RealClamd, monkeypatch: pytest.MonkeyPatch) -> Iterator[TurnOn]:
    """The operator sets SCANNER and CLAMD_URL, and starts Clasio again."""

    def turn() -> None:
        monkeypatch.setenv("SCANNER", "clamd")
        monkeypatch.setenv("CLAMD_URL", clamd.url)
        get_settings.cache_clear()

    yield turn
    monkeypatch.undo()
    get_settings.cache_clear()
    if clamd.process is None:
        clamd.start()


def scan(actor: Actor, document_id: UUID) -> str:
    return shown(actor, document_id).scan


def found(actor: Actor, q: str) -> set[UUID]:
    with unit_of_work(actor.scope) as uow:
        return {hit.document.id for hit in search_documents(uow, SearchQuery(q=q)).items}


def ask(actor: Actor, which: Which = Which.NOT_SCANNED) -> UUID:
    with unit_of_work(system_scope(actor.organization_id, "test")) as uow:
        return request_rescan(uow, which)


def test_what_came_in_before_the_scanner_is_scanned_when_it_is_turned_on(
    owner: Actor, worker: Worker, turn_on: TurnOn, servers: Servers
) -> None:
    honest, bad = (factories.upload(owner.scope, "note.txt", text).id for text in (HONEST, b"A bill. " + OURS))
    worker.run_all()
    rescan_what_was_not_scanned()
    assert worker.run_all() == 0  # the scanner is still off
    turn_on()
    rescan_what_was_not_scanned()
    rescan_what_was_not_scanned()  # while one is under way there is no other
    worker.run_all()
    assert (scan(owner, honest), scan(owner, bad)) == (Scan.CLEAN, Scan.INFECTED)
    (job,) = [row for row in worker.jobs_of(owner.organization_id) if row["kind"] == JobKind.SCAN_AGAIN]
    assert (job["state"], job["progress"]["done"], job["progress"]["total"]) == ("succeeded", 2, 2)
    assert shown(owner, honest).outcome == Outcome.DONE
    assert found(owner, WORD) == {honest}


def test_quarantine_means_the_same_later_as_at_once(  # noqa: PLR0917
    owner: Actor, worker: Worker, turn_on: TurnOn, app: FastAPI, tmp_path: Path, servers: Servers
) -> None:
    content = Made(tmp_path).pdf(f"An honest page about the {WORD} {new_id()}").read_bytes() + OURS
    document_id = factories.upload(owner.scope, "bill.pdf", content).id
    worker.run_all()
    client = owner.api(app)
    link = "/s/" + client.post(f"/api/v1/documents/{document_id}/shares", json={}).json()["link"].rpartition("/")[2]
    page = client.get(f"/api/v1/documents/{document_id}/pages/1")
    ready = exporting.start(owner)
    worker.run_all()
    client.patch(f"/api/v1/documents/{document_id}", json={"summary": "Says something", "document_type": "Bill"})
    assert (page.status_code, visitor(app).get(link).status_code, found(owner, WORD)) == (200, 200, {document_id})
    turn_on()
    ask(owner)
    worker.run_all()

    caught = shown(owner, document_id)
    assert (caught.scan, caught.outcome, caught.stage) == (Scan.INFECTED, Outcome.INFECTED, Stage.SCANNED)
    assert (caught.summary, caught.document_type, caught.has_picture, caught.page_count) == (None, None, False, None)
    assert everything_refuses(client, document_id) == {"in_quarantine"}
    for path in ("pages", "pages/1/words", "pages/1?size=thumbnail"):  # an old tab's, with what its browser has
        tag = {"If-None-Match": page.headers["etag"]}
        assert client.get(f"/api/v1/documents/{document_id}/{path}", headers=tag).status_code == 409
    assert visitor(app).get(link).status_code == visitor(app).get(f"{link}/content").status_code == 404
    assert client.get("/api/v1/shares").json() == []
    assert found(owner, WORD) == found(owner, "something") == set()
    assert found(owner, "bill") == {document_id}  # by its name
    assert client.get(f"/api/v1/exports/{ready.id}/content").json()["code"] == "export_not_ready"
    assert "quarantine" in (exporting.look(owner, ready).error or "")
    store = get_blob_store()
    assert [store.list_made(owner.organization_id, folder) for folder in ("pages", "exports")] == [[], []]
    with servers.as_owner() as connection:
        left = connection.execute(
            "SELECT (SELECT count(*) FROM renderings WHERE document_id = %(id)s),"
            " (SELECT text FROM document_texts WHERE document_id = %(id)s)",
            {"id": document_id},
        ).fetchone()
    assert left == (0, "")
    assert [mail.to_address for mail in list_kept_mails() if "bill.pdf" in mail.subject] == [owner.email]
    with unit_of_work(owner.scope) as uow:
        assert "document.quarantined" in {entry.action for entry in list_of_document(uow, document_id)}


def test_a_release_brings_everything_back(owner: Actor, worker: Worker, turn_on: TurnOn, app: FastAPI) -> None:
    document_id = factories.upload(owner.scope, "note.txt", f"{HONEST} {new_id()} ".encode() + OURS).id
    worker.run_all()
    owner.api(app).patch(f"/api/v1/documents/{document_id}", json={"document_type": "Marsupial"})
    turn_on()
    ask(owner)
    worker.run_all()
    assert found(owner, "marsupial") == set()
    with unit_of_work(owner.scope) as uow:
        release_document(uow, document_id, Release(reason="It is ours"))
    worker.run_all()
    released = shown(owner, document_id)
    assert (released.scan, released.outcome, released.stage) == (Scan.RELEASED, Outcome.DONE, Stage.ANALYSED)
    assert found(owner, WORD) == found(owner, "marsupial") == {document_id}
    ask(owner, Which.OTHER_DATABASES)
    worker.run_all()
    assert scan(owner, document_id) == Scan.RELEASED  # an owner's word stands


def test_what_an_older_database_found_clean_is_scanned_on_demand(  # noqa: PLR0917
    owner: Actor, operator: Actor, worker: Worker, turn_on: TurnOn, app: FastAPI, servers: Servers
) -> None:
    document_id = factories.upload(owner.scope, "note.txt", b"Dear all, " + OURS).id
    worker.run_all()
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE documents SET scan = 'clean', scan_engine = 'ClamAV 1.4.6/1/Thu Jan  1' WHERE id = %s",
            [document_id],
        )
    client, wanted = operator.browser(app), {"organization_id": str(owner.organization_id)}
    assert client.post("/api/v1/ops/rescans", json=wanted).json()["code"] == "scanner_off"
    turn_on()
    assert client.post("/api/v1/ops/rescans", json=wanted | {"only_not_scanned": True}).json() == {"organizations": 1}
    worker.run_all()
    assert scan(owner, document_id) == Scan.CLEAN
    assert client.post("/api/v1/ops/rescans", json=wanted).json() == {"organizations": 1}
    worker.run_all()
    assert scan(owner, document_id) == Scan.INFECTED
    assert client.post("/api/v1/ops/rescans", json={"organization_id": str(new_id())}).status_code == 404
    assert client.get("/api/v1/ops/security-events").json()["items"][0]["kind"] == "operator_started_scan"


def test_a_scanner_that_dies_in_the_middle_loses_no_verdict(  # noqa: PLR0917
    owner: Actor, worker: Worker, turn_on: TurnOn, clamd: RealClamd, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = sorted(factories.upload(owner.scope, f"{n}.txt", f"{HONEST} {new_id()}").id for n in range(4))
    worker.run_all()
    turn_on()
    honest_scan, scanned = rescans.scan_file, []

    def scan_two(*values: object) -> object:
        scanned.append(1)
        if len(scanned) == 3:
            clamd.stop()
        return honest_scan(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(rescans, "scan_file", scan_two)
    job_id = ask(owner)
    worker.run_all()
    job = worker.job(job_id)
    assert (job["state"], job["attempts"], job["progress"]["waits_for"], job["progress"]["done"]) == (
        "queued",
        0,
        "scanner",
        2,
    )
    assert [scan(owner, one) for one in ids] == [Scan.CLEAN, Scan.CLEAN, Scan.NOT_SCANNED, Scan.NOT_SCANNED]
    assert owner.api(app).get(f"/api/v1/documents/{ids[3]}/content").status_code == 200  # as before
    clamd.start()
    worker.make_due(job_id)
    worker.run_all()
    assert {scan(owner, one) for one in ids} == {Scan.CLEAN}
    assert worker.job(job_id)["progress"]["total"] == 4


def test_there_is_one_scan_of_each_sort_at_a_time(owner: Actor, worker: Worker, turn_on: TurnOn) -> None:
    factories.upload(owner.scope)
    worker.run_all()
    turn_on()
    some, more = ask(owner), ask(owner, Which.OTHER_DATABASES)  # the wider one is not lost for the other's sake
    assert some != more
    assert (ask(owner), ask(owner, Which.OTHER_DATABASES)) == (some, more)
    worker.run_all()
    assert ask(owner) not in {some, more}


def test_organizations_take_turns(
    owner: Actor, other_tenant: Actor, worker: Worker, turn_on: TurnOn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        factories.upload(owner.scope)
    worker.run_all()
    turn_on()
    monkeypatch.setattr(rescans, "TURN_SECONDS", 0.0)
    seen: list[UUID] = []
    honest_settle = rescans._settle  # to see the order

    def settle(uow: object, *values: object) -> None:
        seen.append(uow.scope.organization_id)  # type: ignore[attr-defined]
        honest_settle(uow, *values)  # type: ignore[arg-type]

    monkeypatch.setattr(rescans, "_settle", settle)
    ask(owner)
    ask(other_tenant)
    worker.run_all()
    both = [owner.organization_id, other_tenant.organization_id]
    assert sorted(seen) == sorted(both * 2)
    assert set(seen[:2]) == set(both)


def test_who_lost_the_job_writes_no_verdict(owner: Actor, worker: Worker, turn_on: TurnOn) -> None:
    document_id = factories.upload(owner.scope, "note.txt", b"Dear all, " + OURS).id
    worker.run_all()
    turn_on()
    ask(owner)
    taken = claim_next(Queue.BULK, 8)
    assert taken is not None
    with pytest.raises(LostLease):
        scan_again(
            system_scope(owner.organization_id, "test"), taken[0]._replace(lease_token=new_id()), Which.NOT_SCANNED
        )
    assert scan(owner, document_id) == Scan.NOT_SCANNED


def test_what_the_store_lost_keeps_its_verdict_and_holds_up_nothing(
    owner: Actor, worker: Worker, turn_on: TurnOn
) -> None:
    lost, kept = (factories.upload(owner.scope) for _ in range(2))
    worker.run_all()
    get_blob_store().delete(owner.organization_id, lost.sha256)
    turn_on()
    job_id = ask(owner)
    worker.run_all()
    assert (scan(owner, lost.id), scan(owner, kept.id)) == (Scan.NOT_SCANNED, Scan.CLEAN)
    assert worker.job(job_id)["state"] == "succeeded"


def test_an_analysis_that_was_queued_before_sees_nothing(owner: Actor, worker: Worker, turn_on: TurnOn) -> None:
    document_id = factories.upload(owner.scope, "note.txt", f"{HONEST} {new_id()}".encode() + OURS).id
    worker.run_all()
    turn_on()
    queued = owner_analysis(owner, document_id)
    ask(owner)
    while (taken := claim_next(Queue.BULK, 8)) is not None:
        if taken[1].kind == JobKind.SCAN_AGAIN:
            scan_again(system_scope(owner.organization_id, "test"), taken[0], Which.NOT_SCANNED)
    worker.run_all()
    assert worker.job(queued)["state"] == "cancelled"
    assert (scan(owner, document_id), shown(owner, document_id).outcome) == (Scan.INFECTED, Outcome.INFECTED)


def owner_analysis(actor: Actor, document_id: UUID) -> UUID:
    with unit_of_work(actor.scope) as uow:
        return request_analysis(uow, document_id, "thorough", key=new_id().hex)


def test_a_member_has_one_document_scanned(
    owner: Actor, member: Actor, worker: Worker, turn_on: TurnOn, app: FastAPI
) -> None:
    document_id = factories.upload(owner.scope).id
    worker.run_all()
    with pytest.raises(ScannerOff), unit_of_work(member.scope) as uow:
        scan_now(uow, document_id)
    assert not shown(member, document_id).can_be_scanned
    turn_on()
    assert shown(member, document_id).can_be_scanned
    first, second = (member.api(app).post(f"/api/v1/documents/{document_id}/scan") for _ in range(2))
    assert first.status_code == 202
    assert first.json()["id"] == second.json()["id"]
    worker.run_all()
    assert scan(member, document_id) == Scan.CLEAN
    with pytest.raises(NothingToScan), unit_of_work(member.scope) as uow:
        scan_now(uow, document_id)


def test_a_scan_that_was_given_up_can_be_asked_for_again(
    owner: Actor, worker: Worker, turn_on: TurnOn, servers: Servers
) -> None:
    document_id = factories.upload(owner.scope).id
    worker.run_all()
    turn_on()
    with unit_of_work(owner.scope) as uow:
        given_up = scan_now(uow, document_id)
        assert scan_now(uow, document_id) == given_up
    with servers.as_owner() as connection:
        connection.execute("UPDATE jobs SET state = 'dead', finished_at = now() WHERE id = %s", [given_up])
    with unit_of_work(owner.scope) as uow:
        again = scan_now(uow, document_id)
    assert again != given_up
    worker.run_all()
    assert worker.job(again)["state"] == "succeeded"
    assert scan(owner, document_id) == Scan.CLEAN
