"""Nothing is opened before a verdict of the scanner, whatever the scanner does: with a real clamd."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from clasio_backend.cli.instance import Instance, InstanceError
from clasio_backend.cli.scanner import scanner_settings
from clasio_backend.core.config import Settings, get_settings
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.errors import NotScannedYet
from clasio_backend.documents.file_types import UnsupportedFileType
from clasio_backend.documents.schemas import DocumentQuery
from clasio_backend.documents.service import get_document, get_text, list_documents
from clasio_backend.integrations.clamav import Clamd, Found, ScannerUnavailable, client
from clasio_backend.models.documents import Outcome, Scan, Stage
from clasio_backend.ops.scanner import _version
from clasio_backend.ops.service import read_ops
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents
from tests import exporting, factories
from tests.cast import Actor
from tests.http.routes import private_routes
from tests.operating import as_operator
from tests.scanning import (
    EICAR,
    HONEST,
    OURS,
    VERSION,
    WORD,
    RealClamd,
    clamd_that_says,
    everything_refuses,
    mail,
    shown,
    word,
    zipped,
)
from tests.worker import Worker

CAUGHT: dict[str, tuple[str, bytes, str]] = {
    "plain": ("eicar.txt", EICAR, "Eicar-Test-Signature"),
    "our own signature": ("note.txt", b"Dear all, " + OURS, "Clasio.Test.Marker"),
    "zip in a mail": ("a.eml", mail(("a.zip", zipped("eicar.com", EICAR))), "Eicar-Test-Signature"),
    "zip in a zip in a mail": (
        "b.eml",
        mail(("b.zip", zipped("inner.zip", zipped("eicar.com", EICAR)))),
        "Eicar-Test-Signature",
    ),
    "attached to a mail": ("c.eml", mail(("eicar.com", EICAR)), "Eicar-Test-Signature"),
    "in a docx": ("d.docx", word({"word/embeddings/oleObject1.bin": EICAR}), "Eicar-Test-Signature"),
    "zip in a docx": ("e.docx", word({"word/media/a.zip": zipped("x", EICAR)}), "Eicar-Test-Signature"),
}


@pytest.mark.parametrize("case", CAUGHT)
def test_a_virus_goes_into_quarantine_unread(
    case: str, owner: Actor, worker: Worker, scanner: RealClamd, app: FastAPI
) -> None:
    name, content, signature = CAUGHT[case]
    document = factories.upload(owner.scope, name, content)
    worker.run_all()
    caught = shown(owner, document.id)
    assert (caught.outcome, caught.scan, caught.stage) == (Outcome.INFECTED, Scan.INFECTED, Stage.SCANNED)
    assert (caught.scan_signature or "").startswith(signature)
    assert (caught.scan_engine or "").startswith("ClamAV ")
    assert not caught.is_open
    assert everything_refuses(owner.api(app), document.id) == {"in_quarantine"}


def test_honest_files_pass(owner: Actor, worker: Worker, scanner: RealClamd) -> None:
    files = {
        "a.txt": HONEST.encode(),
        "b.docx": word(),
        "c.eml": mail(("d.docx", word()), ("e.zip", zipped("f", b"g"))),
    }
    ids = [factories.upload(owner.scope, name, content).id for name, content in files.items()]
    worker.run_all()
    for document in (shown(owner, document_id) for document_id in ids):
        assert (document.scan, document.outcome, document.stage) == (Scan.CLEAN, Outcome.DONE, Stage.ANALYSED)


def waiting_job(worker: Worker, actor: Actor) -> dict[str, Any]:
    (job,) = [row for row in worker.jobs_of(actor.organization_id) if row["kind"] == "documents.read"]
    return job


def test_nothing_is_opened_before_the_verdict(owner: Actor, worker: Worker, scanner: RealClamd, app: FastAPI) -> None:
    document = factories.upload(owner.scope, "note.txt", HONEST)
    client = owner.api(app)
    assert everything_refuses(client, document.id) == {"not_scanned_yet"}
    for route in private_routes(app):
        if route.method == "GET" and "{document_id}" in route.path:
            answer = client.get(route.filled({"document_id": document.id}))
            assert WORD not in answer.text, route
    assert client.get("/api/v1/search", params={"q": WORD}).json()["items"] == []
    assert client.get("/api/v1/search", params={"q": "note"}).json()["items"][0]["snippet"] in {"", None}
    worker.run_all()
    assert client.get("/api/v1/documents/" + str(document.id) + "/content").content == HONEST.encode()
    assert [item["id"] for item in client.get("/api/v1/search", params={"q": WORD}).json()["items"]] == [
        str(document.id)
    ]


def test_an_export_leaves_out_what_was_not_scanned(owner: Actor, worker: Worker, scanner: RealClamd) -> None:
    factories.upload(owner.scope, "early.txt", HONEST)
    scanner.stop()
    export = exporting.made(owner, worker)
    assert [(line["name"], line["reason"]) for line in export.manifest["left_out"]] == [("early.txt", "not_scanned")]
    assert not [name for name in export.members if name.startswith("documents/")]


def test_without_a_scanner_files_wait_and_then_go_on(
    owner: Actor, worker: Worker, scanner: RealClamd, app: FastAPI
) -> None:
    scanner.stop()
    document = factories.upload(owner.scope, "note.txt", HONEST)
    for _ in range(6):  # more often than any job may fail
        worker.run_all()
        job = waiting_job(worker, owner)
        assert (job["state"], job["attempts"], job["progress"]) == ("queued", 0, {"waits_for": "scanner"})
        assert job["run_after"] > job["created_at"]
        worker.make_due(job["id"])
    waits = shown(owner, document.id)
    assert (waits.scan, waits.outcome, waits.stage) == (Scan.PENDING, Outcome.PENDING, Stage.RECEIVED)
    assert waits.stage_error is not None
    assert waits.stage_error.code == "scan_waits"
    assert everything_refuses(owner.api(app), document.id) == {"not_scanned_yet"}
    scanner.start()
    worker.run_all()
    done = shown(owner, document.id)
    assert (done.scan, done.outcome, done.stage_error) == (Scan.CLEAN, Outcome.DONE, None)


def test_operators_see_a_scanner_that_is_away(
    owner: Actor, operator: Actor, worker: Worker, scanner: RealClamd
) -> None:
    seen = read_ops(as_operator(operator))
    assert seen.scanner.is_on
    assert (seen.scanner.version or "").startswith("ClamAV ")
    scanner.stop()
    _version.cache_clear()
    factories.upload(owner.scope)
    seen = read_ops(as_operator(operator))
    assert (seen.scanner.version, seen.scanner.waiting > 0) == (None, True)
    assert "scanner_down" in {problem.code for problem in seen.problems}


def test_a_scanner_that_lies_keeps_the_document_waiting(
    owner: Actor, worker: Worker, scanner: RealClamd, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = factories.upload(owner.scope, "note.txt", HONEST)
    for version in (VERSION, b"HTTP/1.1 200 OK\r\n\r\n"):
        with clamd_that_says(b"stream: WELL\0", version=version) as url:
            monkeypatch.setenv("CLAMD_URL", url)
            get_settings.cache_clear()
            worker.run_all()
        assert shown(owner, document.id).scan == Scan.PENDING
        worker.make_due(waiting_job(worker, owner)["id"])


def test_a_scanner_that_dies_in_the_middle_has_said_nothing(clamd: RealClamd) -> None:
    class Deadly(io.BytesIO):
        """Kills the scanner on the way."""

        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 10_000_000:
                clamd.stop()
            return super().read(size)

    try:
        with pytest.raises(ScannerUnavailable):
            Clamd(clamd.url).scan(Deadly(bytes(40_000_000)))
    finally:
        if clamd.process is None:
            clamd.start()
    assert isinstance(Clamd(clamd.url).scan(io.BytesIO(EICAR)), Found)


PDF = b"%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
PADDED = zipped("a.com", b"A" * 2_000 + EICAR)
POLYGLOTS = {
    "text": ("a.txt", b"Dear all,\n" * 50 + PADDED),
    "pdf": ("a.pdf", PDF + PADDED),
    "word in a pdf": ("a.pdf", PDF + word({"a": b"A" * 2_000 + EICAR})),
    "html": ("a.html", b"<html><body>Hello</body></html>" * 30 + PADDED),
    "picture in a mail": ("a.eml", mail(("a.png", b"\x89PNG\r\n\x1a\n" + bytes(500) + PADDED))),
}


@pytest.mark.parametrize("kind", POLYGLOTS)
def test_a_file_that_is_two_things_is_scanned_as_both(
    kind: str, owner: Actor, worker: Worker, scanner: RealClamd
) -> None:
    name, content = POLYGLOTS[kind]
    assert EICAR not in content  # only packed
    try:
        document = factories.upload(owner.scope, name, content)
    except UnsupportedFileType:
        return  # told apart before it came in
    worker.run_all()
    assert shown(owner, document.id).scan == Scan.INFECTED


LAUGHS = (
    b'<!DOCTYPE d [<!ENTITY a "ha ha ha ha ha ha ha ha ha ha ha ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (n, b"&%c;" % (n - 1) * 20) for n in range(98, 110))
    + b"]>"
)
OUTSIDE = b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY m SYSTEM "http://127.0.0.1:9/x">]>'
W = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@pytest.mark.parametrize("head", [LAUGHS, OUTSIDE], ids=["bomb", "outside"])
def test_entities_in_office_files_are_never_followed(
    head: bytes, owner: Actor, worker: Worker, scanner: RealClamd, app: FastAPI
) -> None:
    last = b"m" if head is LAUGHS else b"a"
    body = b'%s<w:document xmlns:w="%s"><w:body><w:p><w:r><w:t>&%s;&a;</w:t></w:r></w:p></w:body></w:document>'
    parts = {"word/document.xml": body % (head, W, last)}
    with zipfile.ZipFile(io.BytesIO(word())) as honest:
        parts |= {name: honest.read(name) for name in honest.namelist() if name not in parts}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    document = factories.upload(owner.scope, "a.docx", packed.getvalue())
    worker.run_all()
    assert shown(owner, document.id).outcome in {Outcome.DONE, Outcome.UNREADABLE, Outcome.INFECTED}
    answer = owner.api(app).get(f"/api/v1/documents/{document.id}/text")
    assert "root:" not in answer.text
    assert len(answer.text) < 10_000


def test_names_in_archives_are_only_names(owner: Actor, worker: Worker, scanner: RealClamd, tmp_path: Path) -> None:
    names = ["../../etc/cron.d/x", "/etc/passwd", "C:\\windows\\x", "a/../../../b", "con", "a\nb", "\u202egpj.exe"]
    tricks = zipped("first", b"", **dict.fromkeys(names, b"text"))
    document = factories.upload(owner.scope, "a.eml", mail(("../../x.zip", tricks)))
    worker.run_all()
    assert shown(owner, document.id).scan == Scan.CLEAN
    assert not Path("/etc/cron.d/x").exists()


def test_an_import_is_scanned_like_everything_else(
    owner: Actor, worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clamd: RealClamd
) -> None:
    factories.upload(owner.scope, "good.txt", HONEST)
    factories.upload(owner.scope, "bad.txt", b"I say that I am clean. " + OURS)
    worker.run_all()  # without a scanner, as they came in where they come from
    export = exporting.made(owner, worker)
    documents = export.lines("documents")
    export.set_lines("documents", [line | {"scan": "clean"} for line in documents])
    monkeypatch.setenv("SCANNER", "clamd")
    monkeypatch.setenv("CLAMD_URL", clamd.url)
    get_settings.cache_clear()
    try:
        imported = exporting.bring_in(export.pack(tmp_path / "export.zip"))
        scope = system_scope(imported.organization_id, "test")
        with unit_of_work(scope) as uow:
            assert search_documents(uow, SearchQuery(q=WORD)).items == ()
            listed = {row.name: row for row in list_documents(uow, DocumentQuery()).items}
            for row in listed.values():
                with pytest.raises(NotScannedYet):
                    get_text(uow, row.id)
        worker.run_all()
        with unit_of_work(scope) as uow:
            good, bad = (get_document(uow, listed[name].id) for name in ("good.txt", "bad.txt"))
            assert (good.scan, good.outcome, good.stage) == (Scan.CLEAN, Outcome.DONE, Stage.ANALYSED)
            assert (bad.scan, bad.outcome) == (Scan.INFECTED, Outcome.INFECTED)
            assert [hit.document.id for hit in search_documents(uow, SearchQuery(q=WORD)).items] == [good.id]
            assert search_documents(uow, SearchQuery(q="marker")).items == ()
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()


def test_others_are_served_only_when_the_scanner_is_decided(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BASE_URL", "https://documents.example.com")
    with pytest.raises(ValidationError, match="SCANNER=clamd and CLAMD_URL"):
        Settings()
    monkeypatch.setenv("SCANNER", "off")
    assert not Settings().scans
    monkeypatch.setenv("SCANNER", "clamd")
    with pytest.raises(ValidationError, match="needs CLAMD_URL"):
        Settings()
    for wrong in ("/run/clamd.sock", "http://127.0.0.1:3310", "unix:", "tcp://"):
        monkeypatch.setenv("CLAMD_URL", wrong)
        with pytest.raises(ValidationError, match="unix:///path"):
            Settings()
    monkeypatch.setenv("CLAMD_URL", "tcp://127.0.0.1:3310")
    assert Settings().scans


def test_up_takes_the_scanner_that_it_finds_and_stays_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clamd: RealClamd
) -> None:
    instance = Instance(tmp_path)
    monkeypatch.setattr(client, "LOCAL_SOCKETS", ())
    assert scanner_settings(instance, "127.0.0.1") == {}
    with pytest.raises(InstanceError, match="SCANNER=off"):
        scanner_settings(instance, "0.0.0.0")
    monkeypatch.setattr(client, "LOCAL_SOCKETS", (str(clamd.socket),))
    found = scanner_settings(instance, "0.0.0.0")
    assert found == {"SCANNER": "clamd", "CLAMD_URL": clamd.url}
    instance.settings(found)
    kept = json.loads((tmp_path / "settings.json").read_text())
    assert found.items() <= kept.items()  # commands beside it, such as import and rescan, know it too
    monkeypatch.setattr(client, "LOCAL_SOCKETS", ())
    assert scanner_settings(instance, "127.0.0.1") == found  # away today: files wait for it
    monkeypatch.setenv("SCANNER", "off")
    assert scanner_settings(instance, "0.0.0.0") == {}
