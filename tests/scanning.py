"""A real clamd for the tests, with a tiny database of its own: EICAR and a signature that only these tests know."""

import io
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import docx
from starlette.testclient import TestClient

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentDetail
from clasio_backend.documents.service import get_document
from clasio_backend.integrations.clamav import Clamd, ScannerUnavailable
from tests.cast import Actor

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
OURS = b"clasio tests: a marker that no honest document has 4f1d7a"
WORD = "quokka"
HONEST = f"An honest note about the {WORD}."
STARTS_IN_SECONDS = 60


class RealClamd:
    """`url` is its socket; it can be killed and started again in the same place."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="clasio-clamd-"))
        self.socket = self.folder / "clamd.sock"
        self.url = f"unix://{self.socket}"
        database, work = self.folder / "db", self.folder / "tmp"
        database.mkdir()
        work.mkdir()
        (database / "local.ndb").write_text(
            f"Eicar-Test-Signature:0:*:{EICAR.hex()}\nClasio.Test.Marker:0:*:{OURS.hex()}\n"
        )
        self._configuration = self.folder / "clamd.conf"
        self._configuration.write_text(
            f"Foreground yes\nDatabaseDirectory {database}\nLocalSocket {self.socket}\nTemporaryDirectory {work}\n"
            "FixStaleSocket yes\nStreamMaxLength 60M\nAlertExceedsMax yes\nUser root\nMaxThreads 4\n"
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        assert program, "clamd is not installed: ./clasio test installs it"
        self.process = subprocess.Popen(
            [program, "-c", str(self._configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + STARTS_IN_SECONDS
        while time.monotonic() < until:
            try:
                Clamd(self.url).version()
            except ScannerUnavailable:
                assert self.process.poll() is None, "clamd ended"
                time.sleep(0.05)
            else:
                return
        raise AssertionError("clamd does not answer")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def shown(actor: Actor, document_id: UUID) -> DocumentDetail:
    with unit_of_work(actor.scope) as uow:
        return get_document(uow, document_id)


def zipped(name: str, content: bytes, **others: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        for other, bytes_ in others.items():
            archive.writestr(other, bytes_)
    return packed.getvalue()


def mail(*attachments: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Papers"
    message.set_content("See the attached file.")
    for name, content in attachments:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def word(extra: dict[str, bytes] | None = None) -> bytes:
    document, packed = docx.Document(), io.BytesIO()
    document.add_paragraph(HONEST)
    document.save(packed)
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return packed.getvalue()


def everything_refuses(client: TestClient, document_id: UUID) -> set[str]:
    """The codes with which each route refuses that hands out or works on what is in a document."""
    path = f"/api/v1/documents/{document_id}"
    answers = [
        client.get(f"{path}/content"),
        client.get(f"{path}/text"),
        client.get(f"{path}/pages/1"),
        client.post(f"{path}/analyses", json={"mode": "fast"}),
        client.post(f"{path}/shares", json={}),
    ]
    assert {answer.status_code for answer in answers} == {409}, [answer.text for answer in answers]
    assert client.get("/api/v1/documents.zip", params={"ids": [str(document_id)]}).status_code == 404
    return {answer.json()["code"] for answer in answers}


VERSION = b"ClamAV 1.4.6/1/Thu Nov 26 00:00:00 2026\0"


@contextmanager
def clamd_that_says(answer: bytes, *, version: bytes = VERSION, reads: int | None = None) -> Iterator[str]:
    """A server that speaks in clamd's place; with `reads` it hangs up after so many bytes of the file."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    link, _ = server.accept()
                except OSError:
                    return
                with link, suppress(OSError):
                    link.settimeout(10)
                    if link.recv(10, socket.MSG_PEEK).startswith(b"zVERSION"):
                        link.sendall(version)
                        continue
                    taken = b""
                    while not taken.endswith(b"\0\0\0\0") and (reads is None or len(taken) < reads):
                        taken += link.recv(65536)
                    link.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)
