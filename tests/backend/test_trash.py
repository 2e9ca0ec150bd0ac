"""The trash: what goes, what stays, who may, and what a crash in between leaves behind."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI

from clasio_backend.activity.service import list_latest
from clasio_backend.core.errors import ClasioError, NotFound, QuotaExceeded
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.errors import DocumentNotFound, NotInTrash
from clasio_backend.documents.schemas import DocumentQuery, DocumentRow, TrashQuery
from clasio_backend.documents.service import get_document, list_documents, open_content, stream_content
from clasio_backend.documents.trash import (
    count_trash,
    list_trash,
    purge_document,
    purge_due,
    request_empty_trash,
    restore_document,
    trash_document,
)
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents
from clasio_backend.sharing.schemas import NewShare
from clasio_backend.sharing.service import share_document
from tests import cast, factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker

TABLES_OF_A_DOCUMENT = ("document_texts", "analyses", "shares")


def trashed(actor: Actor, name: str = "old.txt", content: str | None = None) -> DocumentRow:
    document = factories.upload(actor.scope, name, content, keep_duplicate=True)
    with unit_of_work(actor.scope) as uow:
        return trash_document(uow, document.id)


def purge(actor: Actor, document: DocumentRow) -> None:
    with unit_of_work(actor.scope) as uow:
        purge_document(uow, document.id)


def names_in_trash(actor: Actor) -> list[str]:
    with unit_of_work(actor.scope) as uow:
        return [row.document.name for row in list_trash(uow, TrashQuery()).items]


def is_stored(document: DocumentRow, actor: Actor) -> bool:
    return get_blob_store().has(actor.organization_id, document.sha256)


def age(servers: Servers, actor: Actor, days: float) -> None:
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE documents SET deleted_at = deleted_at - make_interval(secs => %s) WHERE organization_id = %s",
            [days * 86_400, actor.organization_id],
        )


def test_the_trash_says_who_when_and_until_when(owner: Actor, member: Actor) -> None:
    trashed(owner, "first.txt")
    trashed(member, "second.txt")
    with unit_of_work(owner.scope) as uow:
        page = list_trash(uow, TrashQuery())
        assert count_trash(uow) == 2
    assert [(row.document.name, row.deleted_by) for row in page.items] == [
        ("second.txt", member.name),
        ("first.txt", owner.name),
    ]
    assert {(row.purged_at - row.deleted_at).days for row in page.items} == {30}


def test_the_trash_is_read_page_by_page(owner: Actor) -> None:
    for number in range(5):
        trashed(owner, f"{number}.txt")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        with unit_of_work(owner.scope) as uow:
            page = list_trash(uow, TrashQuery(cursor=cursor, limit=2))
        seen += [row.document.name for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ["4.txt", "3.txt", "2.txt", "1.txt", "0.txt"]


def test_a_purged_document_leaves_nothing_but_its_entry(owner: Actor, worker: Worker, servers: Servers) -> None:
    document = factories.upload(owner.scope, "lease.txt", "the unmistakable lanternfish clause")
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        share_document(uow, document.id, NewShare())
        trash_document(uow, document.id)
    purge(owner, document)
    worker.run_all()
    with pytest.raises(DocumentNotFound), unit_of_work(owner.scope) as uow:
        get_document(uow, document.id)
    with servers.as_owner() as connection:
        for table in TABLES_OF_A_DOCUMENT:
            row = connection.execute(
                f"SELECT count(*) FROM {table} WHERE document_id = %s".encode(), [document.id]
            ).fetchone()
            assert row == (0,), table
        blobs = connection.execute("SELECT count(*) FROM blobs WHERE sha256 = %s", [document.sha256]).fetchone()
        assert blobs == (0,)
    assert not is_stored(document, owner)
    with unit_of_work(owner.scope) as uow:
        assert search_documents(uow, SearchQuery(q="lanternfish")).items == ()
        entry = next(row for row in list_latest(uow) if row.action == "document.purged")
    assert (entry.who, entry.target_name) == (owner.name, "lease.txt")


def test_bytes_that_another_document_uses_stay(owner: Actor, worker: Worker) -> None:
    first, second = trashed(owner, "a.txt", "same bytes"), trashed(owner, "b.txt", "same bytes")
    purge(owner, first)
    worker.run_all()
    assert is_stored(second, owner)
    with unit_of_work(owner.scope) as uow:
        restore_document(uow, second.id)
        content = open_content(uow, second.id)
    assert b"".join(stream_content(content)) == b"same bytes"


def test_bytes_of_another_organization_stay(owner: Actor, outsider: Actor, worker: Worker) -> None:
    mine = trashed(owner, "a.txt", "bytes that two organizations have")
    theirs = factories.upload(outsider.scope, "b.txt", "bytes that two organizations have")
    purge(owner, mine)
    worker.run_all()
    assert (is_stored(mine, owner), is_stored(theirs, outsider)) == (False, True)


def test_only_owners_purge_and_only_from_the_trash(owner: Actor, member: Actor, outsider: Actor) -> None:
    document, kept = trashed(owner), factories.upload(owner.scope)
    for stranger in (member, outsider):
        with pytest.raises(NotFound):
            purge(stranger, document)
    with pytest.raises(NotFound), unit_of_work(member.scope) as uow:
        request_empty_trash(uow)
    with pytest.raises(NotInTrash):
        purge(owner, kept)


def test_emptying_takes_what_is_in_the_trash_and_nothing_else(owner: Actor, outsider: Actor, worker: Worker) -> None:
    gone = [trashed(owner, f"{number}.txt") for number in range(5)]
    kept, foreign = factories.upload(owner.scope, "kept.txt"), trashed(outsider, "foreign.txt")
    with unit_of_work(owner.scope) as uow:
        assert request_empty_trash(uow) == 5
    late = trashed(owner, "late.txt")
    worker.run_all()
    assert names_in_trash(owner) == [late.name]
    assert names_in_trash(outsider) == [foreign.name]
    with unit_of_work(owner.scope) as uow:
        assert [row.name for row in list_documents(uow, DocumentQuery()).items] == [kept.name]
    assert not any(is_stored(document, owner) for document in gone)


def test_after_thirty_days_the_schedule_purges(
    owner: Actor, other_tenant: Actor, worker: Worker, servers: Servers
) -> None:
    old = [trashed(owner, f"{number}.txt") for number in range(3)]
    young = trashed(other_tenant, "young.txt")
    age(servers, owner, 30.01)
    age(servers, other_tenant, 29.9)
    purge_due()
    worker.run_all()
    assert (names_in_trash(owner), names_in_trash(other_tenant)) == ([], [young.name])
    assert not any(is_stored(document, owner) for document in old)
    with unit_of_work(owner.scope) as uow:
        assert {row.who for row in list_latest(uow) if row.action == "document.purged"} == {"Clasio"}


def test_a_crash_before_the_bytes_are_removed_leaves_a_job_that_does_it(owner: Actor, worker: Worker) -> None:
    document = trashed(owner)
    purge(owner, document)  # and the process dies: the job was written with the purge
    assert is_stored(document, owner)
    worker.run_all()
    assert not is_stored(document, owner)


def test_bytes_that_come_back_before_their_removal_are_kept(owner: Actor, worker: Worker) -> None:
    purge(owner, trashed(owner, "a.txt", "coming back"))
    again = factories.upload(owner.scope, "again.txt", "coming back")
    worker.run_all()
    assert is_stored(again, owner)


def test_uploads_and_purges_of_the_same_bytes_at_once_lose_nothing(servers: Servers, worker: Worker) -> None:
    actor = cast.owner()

    def come_and_go(number: int) -> DocumentRow | None:
        document = factories.upload(actor.scope, f"{number}.txt", "contended bytes", keep_duplicate=True)
        if number % 2:
            return document
        with unit_of_work(actor.scope) as uow:
            trash_document(uow, document.id)
        purge(actor, document)
        return None

    for _ in range(5):
        with ThreadPoolExecutor(4) as threads:
            going_on = threads.submit(worker.run_all)
            kept = [document for document in threads.map(come_and_go, range(8)) if document]
            going_on.result()
        worker.run_all()
        for document in kept:
            with unit_of_work(actor.scope) as uow:
                assert b"".join(stream_content(open_content(uow, document.id))) == b"contended bytes"
                trash_document(uow, document.id)
            purge(actor, document)
    worker.run_all()
    assert not is_stored(kept[0], actor)


def test_purging_ends_the_work_on_a_document(owner: Actor, worker: Worker) -> None:
    document = trashed(owner)
    purge(owner, document)
    worker.run_all()
    jobs = {job["kind"]: job["state"] for job in worker.jobs_of(owner.organization_id)}
    assert jobs == {"documents.read": "cancelled", "documents.remove_blob": "succeeded"}


def test_restoring_asks_the_plan_again(servers: Servers) -> None:
    actor = cast.owner(plan="free")
    document = trashed(actor)
    with servers.as_owner() as connection:
        connection.execute(
            "UPDATE usage_counters SET used = 500 WHERE organization_id = %s AND meter = 'documents'",
            [actor.organization_id],
        )
    with pytest.raises(QuotaExceeded), unit_of_work(actor.scope) as uow:
        restore_document(uow, document.id)
    assert names_in_trash(actor) == [document.name]


def test_a_restore_and_a_purge_at_once_do_one_of_both(owner: Actor) -> None:
    for _ in range(10):
        document = trashed(owner)

        def restore(document: DocumentRow = document) -> None:
            with unit_of_work(owner.scope) as uow:
                restore_document(uow, document.id)

        def attempt(act: object) -> str:
            try:
                act()  # type: ignore[operator]
            except ClasioError as error:
                return error.code
            return "done"

        with ThreadPoolExecutor(2) as threads:
            outcomes = list(threads.map(attempt, [restore, lambda document=document: purge(owner, document)]))
        assert sorted(outcomes) in (["document_not_found", "done"], ["done", "not_in_trash"])


def test_the_trash_over_the_api(app: FastAPI, owner: Actor, worker: Worker) -> None:
    client, first, second = owner.api(app), trashed(owner, "a.txt"), trashed(owner, "b.txt")
    assert [row["document"]["id"] for row in client.get("/api/v1/trash").json()["items"]] == [
        str(second.id),
        str(first.id),
    ]
    assert client.delete(f"/api/v1/trash/{first.id}").status_code == 204
    assert client.delete(f"/api/v1/trash/{first.id}").status_code == 404
    answer = client.post("/api/v1/trash/empty")
    assert (answer.status_code, answer.json()) == (202, {"documents": 1})
    worker.run_all()
    assert client.get("/api/v1/trash").json()["items"] == []
