from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from clasio_backend.core.errors import NotFound, QuotaExceeded
from clasio_backend.core.scope import Permission, Role, Scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.errors import DuplicateDocument, FileTooLarge
from clasio_backend.documents.file_types import UnsupportedFileType
from clasio_backend.documents.intake import check_upload
from clasio_backend.documents.schemas import DocumentQuery, DocumentRow
from clasio_backend.documents.service import get_document, list_documents, open_content, stream_content
from clasio_backend.documents.trash import trash_document
from clasio_backend.models.documents import Outcome, Stage
from clasio_backend.usage.plans import PLANS, Meter
from tests import factories
from tests.cast import Actor
from tests.servers import Servers
from tests.worker import Worker


def listed(actor: Actor) -> list[DocumentRow]:
    with unit_of_work(actor.scope) as uow:
        return list(list_documents(uow, DocumentQuery()).items)


def bytes_of(actor: Actor, document_id: UUID) -> bytes:
    with unit_of_work(actor.scope) as uow:
        content = open_content(uow, document_id)
    return b"".join(stream_content(content))


def test_what_came_in_can_be_downloaded_unchanged(owner: Actor) -> None:
    data = "Zeile eins\r\nZeile zwei: äöü €\n".encode()
    document = factories.upload(owner.scope, "Brief.txt", data)
    assert (document.stage, document.outcome) == (Stage.RECEIVED, Outcome.PENDING)
    assert (document.size_bytes, document.uploaded_by, document.source) == (len(data), owner.name, "upload")
    assert bytes_of(owner, document.id) == data


def test_the_same_bytes_are_told_before_they_are_stored_twice(owner: Actor) -> None:
    first = factories.upload(owner.scope, "first.txt", "same bytes")
    with pytest.raises(DuplicateDocument, match=r"first\.txt") as told:
        factories.upload(owner.scope, "second.txt", "same bytes")
    assert told.value.details() == {"document_id": str(first.id), "document_name": "first.txt"}
    assert [row.name for row in listed(owner)] == ["first.txt"]


def test_both_can_be_kept(owner: Actor) -> None:
    factories.upload(owner.scope, "first.txt", "same bytes")
    second = factories.upload(owner.scope, "second.txt", "same bytes", keep_duplicate=True)
    assert {row.name for row in listed(owner)} == {"first.txt", "second.txt"}
    assert bytes_of(owner, second.id) == b"same bytes"


def test_bytes_in_the_trash_are_no_duplicate(owner: Actor) -> None:
    first = factories.upload(owner.scope, "first.txt", "same bytes")
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, first.id)
    assert factories.upload(owner.scope, "second.txt", "same bytes").name == "second.txt"


def test_bytes_of_another_organization_are_no_duplicate(owner: Actor, other_tenant: Actor) -> None:
    factories.upload(other_tenant.scope, "theirs.txt", "same bytes")
    assert factories.upload(owner.scope, "ours.txt", "same bytes").name == "ours.txt"


def test_of_uploads_of_the_same_bytes_at_once_one_wins(owner: Actor) -> None:
    def attempt(number: int) -> bool:
        try:
            factories.upload(owner.scope, f"copy {number}.txt", "raced bytes")
        except DuplicateDocument:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1
    assert len(listed(owner)) == 1


def test_no_room_in_the_plan_means_no_document(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PLANS["business"].limits, Meter.DOCUMENTS, 1)
    factories.upload(owner.scope)
    with pytest.raises(QuotaExceeded):
        factories.upload(owner.scope)
    with pytest.raises(QuotaExceeded):
        check_upload(owner.scope, 10)
    assert len(listed(owner)) == 1


def test_a_file_over_the_limit_is_refused_before_it_is_sent(owner: Actor) -> None:
    check_upload(owner.scope, 50_000_000)
    with pytest.raises(FileTooLarge, match="50 MB"):
        check_upload(owner.scope, 50_000_001)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ada\\Brief.txt", "Brief.txt"),
        ("two\r\nlines\x00\x1b[31m.txt", "twolines[31m.txt"),
        ("exe\u202etxt.txt", "exetxt.txt"),
        ("請求書 2026.txt", "請求書 2026.txt"),
        ("cafe\u0301.txt", "café.txt"),
        ("  spaced .txt", "spaced .txt"),
        ("x" * 400 + ".txt", "x" * 251 + ".txt"),
        ("lone \ud800 surrogate.txt", "lone  surrogate.txt"),
    ],
)
def test_names_are_data_never_paths(owner: Actor, sent: str, kept: str) -> None:
    assert factories.upload(owner.scope, sent).name == kept


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("picture.txt", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "type_mismatch"),
        ("report.pdf", b"just text", "type_mismatch"),
        ("program.exe", b"MZ" + b"\x00" * 64, "unknown_extension"),
        ("noextension", b"just text", "unknown_extension"),
        ("..", b"just text", "unknown_extension"),
    ],
)
def test_name_and_content_must_agree(owner: Actor, name: str, content: bytes, code: str) -> None:
    with pytest.raises(UnsupportedFileType) as refused:
        factories.upload(owner.scope, name, content)
    assert refused.value.code == code
    assert refused.value.status == 415
    assert listed(owner) == []


def test_an_empty_file_becomes_a_document_that_says_so(owner: Actor, worker: Worker) -> None:
    document = factories.upload(owner.scope, "empty.txt", b"")
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        settled = get_document(uow, document.id)
    assert settled.outcome == Outcome.UNREADABLE
    assert settled.stage_error is not None
    assert settled.stage_error.message
    assert bytes_of(owner, document.id) == b""


def test_who_may_not_write_finds_nothing_to_write_to(owner: Actor) -> None:
    reader = Scope(owner.organization_id, None, Role.MEMBER, frozenset({Permission.READ_DOCUMENTS}), "test")
    for attempt in (lambda: factories.upload(reader), lambda: check_upload(reader, 1)):
        with pytest.raises(NotFound):
            attempt()


def test_a_text_file_goes_all_the_way(owner: Actor, worker: Worker, servers: Servers) -> None:
    document = factories.upload(
        owner.scope, "Rechnung.txt", "Rechnung Nr. 17\nRechnungsdatum: 03.05.2026\nGesamtbetrag: 119,00 EUR\n" * 3
    )
    worker.run_all()
    with unit_of_work(owner.scope) as uow:
        done = get_document(uow, document.id)
    assert (done.stage, done.outcome) == (Stage.ANALYSED, Outcome.DONE)
    assert (done.scan, done.analysis_source) == ("not_scanned", "local")
    assert done.category == "Invoices"
    assert all(stage.at is not None for stage in done.stages)
    assert [job["state"] for job in worker.jobs_of(owner.organization_id)] == ["succeeded", "succeeded"]
