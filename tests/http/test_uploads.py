"""Uploads as they come from well-behaved and other clients, down to the bytes of the form."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import Response
from starlette.types import Message

from clasio_backend.core.config import Settings
from clasio_backend.http.api_v1 import documents
from tests import factories
from tests.cast import Actor

BOUNDARY = "----test"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
URL = "/api/v1/documents"


def part(content: bytes, *, name: str = "file", filename: str | None = "note.txt", more: str = "") -> bytes:
    disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n{more}\r\n".encode("utf-8", "surrogateescape")
    return head + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def send(app: FastAPI, actor: Actor, body: bytes | Iterator[bytes], kind: str = TYPE, **headers: str) -> Response:
    return actor.api(app).post(URL, content=body, headers={"content-type": kind} | headers)


def listed(app: FastAPI, actor: Actor) -> list[str]:
    return [item["name"] for item in actor.api(app).get(URL).json()["items"]]


@pytest.fixture
def one_mb(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of 1 MB a file."""
    small = Settings().model_copy(update={"max_file_mb": 1})  # type: ignore[call-arg]  # from the environment
    monkeypatch.setattr(documents, "get_settings", lambda: small)
    monkeypatch.setattr("clasio_backend.documents.intake.get_settings", lambda: small)


def test_a_file_is_taken_in(app: FastAPI, owner: Actor) -> None:
    answer = send(app, owner, part(b"hello") + END)
    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["size_bytes"], answer.json()["source"]) == ("note.txt", 5, "api")


def test_a_body_without_a_length_is_taken_in(app: FastAPI, owner: Actor) -> None:
    answer = send(app, owner, iter([part(b"streamed")[:40], part(b"streamed")[40:], END]))
    assert (answer.status_code, answer.json()["size_bytes"]) == (201, 8)


def test_a_body_in_pieces_of_one_byte_is_taken_in(app: FastAPI, owner: Actor) -> None:
    whole = part("äöü €".encode()) + END
    answer = send(app, owner, (whole[at : at + 1] for at in range(len(whole))))
    assert (answer.status_code, answer.json()["size_bytes"]) == (201, 10)


def test_an_empty_file_is_taken_in(app: FastAPI, owner: Actor) -> None:
    assert send(app, owner, part(b"") + END).status_code == 201


def test_of_two_files_the_first_is_taken(app: FastAPI, owner: Actor) -> None:
    answer = send(app, owner, part(b"one", filename="one.txt") + part(b"two", filename="two.txt") + END)
    assert answer.status_code == 201
    assert listed(app, owner) == ["one.txt"]


def test_other_fields_are_passed_over(app: FastAPI, owner: Actor) -> None:
    body = part(b"x" * 5_000, name="comment", filename=None) + part(b"hello") + part(b"y", name="z") + END
    assert send(app, owner, body).json()["size_bytes"] == 5


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", TYPE),
        (END, TYPE),
        (part(b"hello", name="other") + END, TYPE),
        (part(b"hello", filename=None) + END, TYPE),
        (part(b"hello", filename="") + END, TYPE),
        (part(b"hello") + END, "multipart/form-data; boundary=another"),
        (part(b"hello") + END, "multipart/form-data"),
        (part(b"hello") + END, "multipart/form-data; boundary="),
        (part(b"hello") + END, f"multipart/form-data; boundary={'b' * 3_000}"),
        (b'{"file": "hello"}', "application/json"),
        (b"file=hello", "application/x-www-form-urlencoded"),
        (b"no form at all", TYPE),
        (b"--" + BOUNDARY.encode() + b"\r\n\r\n\r\n" + END, TYPE),
        (part(b"hello", more="X-Huge: " + "h" * 20_000 + "\r\n") + END, TYPE),
        (part(b"hello", more="h" * 20_000 + ": x\r\n") + END, TYPE),
        (part(b"hello", more="broken header\r\n") + END, TYPE),
    ],
)
def test_a_body_without_a_file_is_refused(app: FastAPI, owner: Actor, body: bytes, kind: str) -> None:
    answer = send(app, owner, body, kind)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_file")
    assert listed(app, owner) == []


@pytest.mark.parametrize("cut", [1, 4, 12, len(END), len(END) + 3])
def test_a_truncated_body_makes_no_document(app: FastAPI, owner: Actor, cut: int) -> None:
    """The last line break may be missing: the closing boundary has been seen then."""
    body = (part(b"hello, this is the whole text") + END)[:-cut]
    answer = send(app, owner, body)
    if END.strip() in body:
        assert answer.status_code == 201
    else:
        assert (answer.status_code, answer.json()["code"]) == (422, "no_file")
        assert listed(app, owner) == []


def test_too_large_by_its_length_is_refused(app: FastAPI, owner: Actor, one_mb: None) -> None:
    answer = send(app, owner, part(b"x" * 1_200_000) + END)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert listed(app, owner) == []


def test_too_large_without_a_length_is_refused(app: FastAPI, owner: Actor, one_mb: None) -> None:
    def body() -> Iterator[bytes]:
        yield part(b"x")[:-3]
        for _ in range(20):
            yield b"x" * 100_000
        yield b"\r\n" + END

    answer = send(app, owner, body())
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")


@pytest.mark.parametrize(
    ("before", "after"),
    [(part(b"x" * 1_200_000, name="comment", filename=None), b""), (b"", b"x" * 1_200_000)],
    ids=["another field", "after the form"],
)
def test_what_is_around_the_file_counts_as_well(
    app: FastAPI, owner: Actor, one_mb: None, before: bytes, after: bytes
) -> None:
    """Otherwise one caller without a length could send for ever."""
    whole = before + part(b"hello") + END + after
    answer = send(app, owner, (whole[at : at + 50_000] for at in range(0, len(whole), 50_000)))
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert listed(app, owner) == []


def test_a_caller_who_leaves_half_way_is_no_fault_of_ours(
    app: FastAPI, owner: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    messages = iter(
        [{"type": "http.request", "body": part(b"hello")[:-3], "more_body": True}, {"type": "http.disconnect"}]
    )
    answers: list[Message] = []

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        answers.append(message)

    headers = {"host": "127.0.0.1", "content-type": TYPE, "authorization": f"Bearer {owner.api_token}"}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": URL,
        "raw_path": URL.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    asyncio.run(app(scope, receive, send))
    assert answers[0]["status"] == 422
    assert "unexpected_error" not in caplog.text
    assert listed(app, owner) == []


def test_a_full_disk_says_so(app: FastAPI, owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """`/dev/full` takes every byte and then says that there is no room, as a full disk does."""
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Path("/dev/full").open("wb"))  # noqa: SIM115  # closed by whom it is given to
    for content in (b"small", b"x" * 200_000):
        answer = send(app, owner, part(content) + END)
        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")


def test_exactly_the_limit_is_taken_in_and_one_byte_more_is_not(app: FastAPI, owner: Actor, one_mb: None) -> None:
    assert send(app, owner, part(b"x" * 1_000_000) + END).status_code == 201
    assert send(app, owner, part(b"x" * 1_000_001) + END).status_code == 413


def test_nothing_is_left_in_the_temporary_folder(
    app: FastAPI, owner: Actor, one_mb: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for body in (part(b"hello") + END, part(b"x" * 1_100_000) + END, part(b"cut")[:-5], END):
        send(app, owner, body)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("../../up.txt", "up.txt"),
        ("C:\\\\folder\\\\file.txt", "file.txt"),
        ("nul\x00byte.txt", "nulbyte.txt"),
        ("right\u202eleft.txt", "rightleft.txt"),
        ("請求書 ü.txt", "請求書 ü.txt"),
        ("%0d%0aheader.txt", "%0d%0aheader.txt"),
    ],
)
def test_names_from_outside_are_cleaned(app: FastAPI, owner: Actor, filename: str, name: str) -> None:
    answer = send(app, owner, part(b"hello", filename=filename) + END)
    assert (answer.status_code, answer.json()["name"]) == (201, name)


@pytest.mark.parametrize("filename", ["line\r\nbreak.txt", "not utf-8 \udcff.txt", 'quote".txt'])
def test_odd_names_are_never_an_error_of_ours(app: FastAPI, owner: Actor, filename: str) -> None:
    assert send(app, owner, part(b"hello", filename=filename) + END).status_code in {201, 415, 422}


def test_files_meant_for_one_organization_come_into_no_other(app: FastAPI, owner: Actor, outsider: Actor) -> None:
    """A tab goes on with its files while another tab switches to the person's other organization."""
    factories.join(outsider.organization_id, owner.user_id)
    page = owner.browser(app)
    page.headers["clasio-organization"] = str(owner.organization_id)
    assert page.post(URL, files={"file": ("first.txt", b"first")}).status_code == 201
    assert page.post("/auth/switch", data={"organization_id": str(outsider.organization_id)}).status_code == 303
    answer = page.post(URL, files={"file": ("second.txt", b"second")})
    assert (answer.status_code, answer.json()["code"]) == (409, "other_organization")
    assert listed(app, outsider) == []
    assert listed(app, owner) == ["first.txt"]


def test_duplicates_are_told_and_can_be_kept(app: FastAPI, owner: Actor) -> None:
    first = send(app, owner, part(b"same") + END).json()
    again = send(app, owner, part(b"same") + END)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_document")
    assert again.json()["document_id"] == first["id"]
    kept = owner.api(app).post(
        URL, params={"duplicates": "keep"}, content=part(b"same") + END, headers={"content-type": TYPE}
    )
    assert kept.status_code == 201


def test_a_wrong_type_is_refused(app: FastAPI, owner: Actor) -> None:
    answer = send(app, owner, part(b"MZ\x00\x00", filename="program.exe") + END)
    assert (answer.status_code, answer.json()["code"]) == (415, "unknown_extension")


def test_a_page_uploads_with_its_cookie(app: FastAPI, owner: Actor) -> None:
    answer = owner.browser(app).post(URL, files={"file": ("page.txt", b"from the page")})
    assert (answer.status_code, answer.json()["source"]) == (201, "upload")
