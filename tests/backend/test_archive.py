"""Many documents as one ZIP file: the right ones, whole, under names that every system can unpack."""

import io
import tracemalloc
import zipfile

import pytest
from fastapi import FastAPI

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.archive import stream_archive, unique_names
from clasio_backend.documents.schemas import ArchiveMember, DocumentChange
from clasio_backend.documents.service import change_document, get_document
from clasio_backend.documents.trash import trash_document
from tests import factories
from tests.cast import Actor


def unzipped(app: FastAPI, actor: Actor, **query: object) -> dict[str, bytes]:
    answer = actor.api(app).get("/api/v1/documents.zip", params=query)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_documents_asked_for_and_no_others(app: FastAPI, owner: Actor, other_tenant: Actor) -> None:
    first, second = factories.upload(owner.scope, "a.txt", "first"), factories.upload(owner.scope, "b.txt", "second")
    factories.upload(owner.scope, "not asked for.txt")
    foreign = factories.upload(other_tenant.scope, "foreign.txt")
    gone = factories.upload(owner.scope, "gone.txt")
    with unit_of_work(owner.scope) as uow:
        trash_document(uow, gone.id)
    ids = [str(document.id) for document in (first, second, foreign, gone)]
    assert unzipped(app, owner, ids=ids) == {"a.txt": b"first", "b.txt": b"second"}
    with unit_of_work(owner.scope) as uow:
        assert get_document(uow, first.id).last_accessed_at is not None


def test_all_that_fit_the_filters(app: FastAPI, owner: Actor) -> None:
    contract = factories.upload(owner.scope, "contract.txt", "a contract")
    factories.upload(owner.scope, "other.txt")
    with unit_of_work(owner.scope) as uow:
        change_document(uow, contract.id, DocumentChange(category="Contracts"))
    assert unzipped(app, owner, category="Contracts") == {"contract.txt": b"a contract"}


def test_nothing_to_download_is_said(app: FastAPI, owner: Actor, other_tenant: Actor) -> None:
    foreign = factories.upload(other_tenant.scope)
    answer = owner.api(app).get("/api/v1/documents.zip", params={"ids": str(foreign.id)})
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_to_download")


def test_names_are_safe_and_never_twice() -> None:
    names = ["a.txt", "A.TXT", "a.txt", "../../etc/passwd", "CON", "a/b.txt", "x:y.txt", "", "\u202e.txt", "é.txt"]
    safe = list(unique_names(names))
    assert safe[:3] == ["a.txt", "A (2).TXT", "a (3).txt"]
    assert len({name.casefold() for name in safe}) == len(names)
    assert not any("/" in name or "\\" in name or ":" in name for name in safe)
    assert "CON" not in safe


def test_large_archives_are_never_held_in_memory(owner: Actor) -> None:
    document = factories.upload(owner.scope, "big.txt", b"0123456789abcdef" * 500_000)
    members = [
        ArchiveMember(document.id, f"{number}.txt", document.sha256, document.size_bytes) for number in range(20)
    ]
    tracemalloc.start()
    sent = sum(len(piece) for piece in stream_archive(owner.scope, members))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 20 * document.size_bytes
    assert peak < 10_000_000


@pytest.mark.parametrize("ids", [["x"], ["00000000-0000-0000-0000-000000000000"] * 201])
def test_bad_ids_are_refused(app: FastAPI, owner: Actor, ids: list[str]) -> None:
    assert owner.api(app).get("/api/v1/documents.zip", params={"ids": ids}).status_code == 422
