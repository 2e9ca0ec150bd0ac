"""Pictures of pages: drawn once, kept encrypted, and gone with their document."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI

from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.errors import DocumentNotFound, InQuarantine
from clasio_backend.documents.pages import PageSize, open_page, rendering_of
from clasio_backend.documents.reading import Unreadable
from clasio_backend.documents.renderings import Wanted, kept_or_made, remove_old
from clasio_backend.documents.schemas import DocumentQuery
from clasio_backend.documents.service import list_documents
from clasio_backend.documents.trash import purge_document, trash_document
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.models.renderings import RenderingKind
from tests import factories
from tests.cast import Actor
from tests.made_documents import Made
from tests.servers import Servers
from tests.worker import Worker


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path)


@pytest.fixture
def pdf(owner: Actor, made: Made) -> UUID:
    return factories.upload(owner.scope, "two.pdf", made.pdf(f"First {new_id()}", "Second").read_bytes()).id


def picture(actor: Actor, document_id: UUID, number: int = 1, size: PageSize = PageSize.THUMBNAIL) -> bytes:
    with unit_of_work(actor.scope) as uow:
        source = open_page(uow, document_id, number, size)
    return rendering_of(source)


def files(actor: Actor, document_id: UUID) -> list[str]:
    return get_blob_store().list_made(actor.organization_id, f"pages/{document_id}")


def rows(servers: Servers, document_id: UUID) -> list[tuple[object, ...]]:
    with servers.as_owner() as connection:
        return connection.execute(
            "SELECT page, kind, failure, lease_token FROM renderings WHERE document_id = %s ORDER BY page, kind",
            [document_id],
        ).fetchall()


def wanted(actor: Actor, document_id: UUID, version: str = "1") -> Wanted:
    return Wanted(actor.organization_id, document_id, 1, RenderingKind.PAGE, version)


def purge(actor: Actor, document_id: UUID) -> None:
    with unit_of_work(actor.scope) as uow:
        trash_document(uow, document_id)
    with unit_of_work(actor.scope) as uow:
        purge_document(uow, document_id)


def never() -> bytes:
    raise AssertionError("drawn again")


def test_what_was_drawn_is_kept_encrypted(owner: Actor, pdf: UUID, servers: Servers) -> None:
    first = picture(owner, pdf)
    (name,) = files(owner, pdf)
    stored = (servers.folder / "blobs" / str(owner.organization_id) / "made" / name).read_bytes()
    assert first.startswith(b"RIFF")
    assert b"RIFF" not in stored
    assert b"WEBP" not in stored
    assert picture(owner, pdf) == first
    assert files(owner, pdf) == [name]


def test_many_who_ask_at_once_wait_for_one_drawing(owner: Actor, pdf: UUID) -> None:
    drawn: list[int] = []

    def draw() -> bytes:
        drawn.append(1)
        threading.Event().wait(0.3)
        return b"picture"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: kept_or_made(wanted(owner, pdf), draw), range(8)))
    assert (answers, drawn) == ([b"picture"] * 8, [1])


def test_a_maker_that_was_killed_holds_nobody_up_for_longer_than_its_lease(
    owner: Actor, pdf: UUID, servers: Servers
) -> None:
    with servers.as_owner() as connection:
        connection.execute(
            "INSERT INTO renderings (organization_id, document_id, page, kind, version, lease_token, lease_expires_at)"
            " VALUES (%s, %s, 1, 'page', '1', %s, now() - interval '1 second')",
            [owner.organization_id, pdf, new_id()],
        )
    assert kept_or_made(wanted(owner, pdf), lambda: b"by the next one") == b"by the next one"


def test_a_new_way_of_drawing_replaces_what_the_old_one_drew(owner: Actor, pdf: UUID) -> None:
    assert kept_or_made(wanted(owner, pdf), lambda: b"old") == b"old"
    assert kept_or_made(wanted(owner, pdf, "2"), lambda: b"new") == b"new"
    assert kept_or_made(wanted(owner, pdf, "2"), never) == b"new"
    assert len(files(owner, pdf)) == 1


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-1])])
def test_a_lost_or_damaged_picture_is_drawn_again(
    owner: Actor, pdf: UUID, servers: Servers, harm: Callable[[Path], object]
) -> None:
    first = picture(owner, pdf)
    (name,) = files(owner, pdf)
    harm(servers.folder / "blobs" / str(owner.organization_id) / "made" / name)
    assert picture(owner, pdf) == first


def test_a_page_that_cannot_be_drawn_is_tried_once(owner: Actor, made: Made, servers: Servers) -> None:
    bomb = factories.upload(owner.scope, "bomb.pdf", made.pdf_bomb(901).read_bytes()).id
    for _ in range(2):
        with pytest.raises(Unreadable) as refused:
            picture(owner, bomb)
        assert refused.value.code == "too_complex"
    assert rows(servers, bomb) == [(1, "thumbnail", "too_complex", None)]
    with pytest.raises(Unreadable):
        kept_or_made(Wanted(owner.organization_id, bomb, 9, RenderingKind.PAGE, "1"), _no_such_page)
    assert len(rows(servers, bomb)) == 1  # pages that are not there are without number


def _no_such_page() -> bytes:
    raise Unreadable("no_such_page")


def test_a_failure_of_ours_is_not_kept_against_the_page(owner: Actor, pdf: UUID, servers: Servers) -> None:
    def fail() -> bytes:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        kept_or_made(wanted(owner, pdf), fail)
    assert rows(servers, pdf) == []
    assert kept_or_made(wanted(owner, pdf), lambda: b"later") == b"later"


def test_the_first_pages_are_drawn_once_the_document_is_searchable(
    owner: Actor, worker: Worker, made: Made, servers: Servers
) -> None:
    document_id = factories.upload(owner.scope, "two.pdf", made.pdf("First", "Second").read_bytes()).id
    worker.run_all()
    assert rows(servers, document_id) == [
        (0, "outline", None, None),
        (1, "page", None, None),
        (1, "thumbnail", None, None),
        (1, "words", None, None),
        (2, "page", None, None),
    ]
    jobs = {job["kind"]: job for job in worker.jobs_of(owner.organization_id)}
    reading, drawing = jobs[JobKind.READ_DOCUMENT], jobs[JobKind.DRAW_PAGES]
    assert (drawing["state"], drawing["queue"], drawing["priority"]) == ("succeeded", "bulk", 200)
    assert drawing["created_at"] >= reading["started_at"]


def test_a_list_asks_only_for_pictures_that_can_be_there(
    owner: Actor, worker: Worker, made: Made, servers: Servers
) -> None:
    names = {
        "two.pdf": made.pdf("First", "Second"),
        "scan.pdf": made.scanned_pdf(),
        "locked.pdf": made.encrypted_pdf(user_password="secret"),
        "made.docx": made.docx(),
    }
    ids = {name: factories.upload(owner.scope, name, path.read_bytes()).id for name, path in names.items()}

    def pictured() -> set[str]:
        with unit_of_work(owner.scope) as uow:
            return {row.name for row in list_documents(uow, DocumentQuery()).items if row.has_picture}

    assert pictured() == set()  # nobody knows yet
    worker.run_all()
    assert pictured() == {"two.pdf", "scan.pdf"}
    with servers.as_owner() as connection:
        connection.execute("UPDATE documents SET scan = 'infected' WHERE id = %s", [ids["two.pdf"]])
    assert pictured() == {"scan.pdf"}


def test_pictures_are_no_part_of_what_the_plan_allows(owner: Actor, pdf: UUID, app: FastAPI) -> None:
    client = owner.api(app)
    before = client.get("/api/v1/usage").json()
    picture(owner, pdf)
    assert client.get("/api/v1/usage").json() == before


def test_a_document_that_is_closed_shows_no_picture_that_was_kept(owner: Actor, pdf: UUID, servers: Servers) -> None:
    picture(owner, pdf)
    with servers.as_owner() as connection:
        connection.execute("UPDATE documents SET scan = 'infected', outcome = 'infected' WHERE id = %s", [pdf])
    with pytest.raises(InQuarantine):
        picture(owner, pdf)


def test_a_purge_leaves_no_picture(owner: Actor, worker: Worker, made: Made, servers: Servers) -> None:
    document_id = factories.upload(owner.scope, "gone.pdf", made.pdf("Gone soon").read_bytes()).id
    worker.run_all()
    picture(owner, document_id)
    purge(owner, document_id)
    assert rows(servers, document_id) == []
    worker.run_all()
    assert files(owner, document_id) == []
    with pytest.raises(DocumentNotFound):
        picture(owner, document_id)


def test_what_is_drawn_while_the_document_is_purged_is_not_kept(owner: Actor, pdf: UUID) -> None:
    def draw() -> bytes:
        purge(owner, pdf)
        return b"too late"

    assert kept_or_made(wanted(owner, pdf), draw) == b"too late"
    assert files(owner, pdf) == []
    with pytest.raises(DocumentNotFound):
        kept_or_made(wanted(owner, pdf), never)


def test_what_was_drawn_a_month_ago_goes_and_is_drawn_again(owner: Actor, pdf: UUID, servers: Servers) -> None:
    sizes = ((1, PageSize.THUMBNAIL), (2, PageSize.THUMBNAIL), (1, PageSize.PAGE))
    first = [picture(owner, pdf, *size) for size in sizes]
    remove_old()
    assert len(files(owner, pdf)) == 3
    with servers.as_owner() as connection:
        age = "UPDATE renderings SET created_at = created_at - interval '31 days' WHERE document_id = %s"
        connection.execute(age, [pdf])
    remove_old()
    assert rows(servers, pdf) == [(1, "thumbnail", None, None)]  # lists show it
    assert len(files(owner, pdf)) == 1
    assert [picture(owner, pdf, *size) for size in sizes] == first
    remove_old()
    assert len(files(owner, pdf)) == 3
