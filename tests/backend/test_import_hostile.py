"""Files that are no honest export: each is refused with a sentence, and nothing of it stays."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clasio_backend.core.clock import now
from clasio_backend.core.ids import new_id
from clasio_backend.exports.errors import BadArchive, NewerArchive
from tests import cast, exporting, factories
from tests.cast import Actor
from tests.exporting import Unpacked
from tests.servers import Servers
from tests.worker import Worker

EVERYWHERE = ("organizations", "users", "memberships", "documents", "blobs", "imports", "jobs", "activity")


@pytest.fixture
def export(owner: Actor, worker: Worker) -> Unpacked:
    cast.member_of(owner)
    factories.upload(owner.scope, "one.txt", "one")
    factories.upload(owner.scope, "two.txt", "two")
    worker.run_all()
    return exporting.made(owner, worker)


class Everything:
    """All rows and stored bytes of the instance."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self.before = self.now()

    def now(self) -> tuple[dict[str, int], int]:
        with self._servers.as_owner() as connection:
            counts = {}
            for table in EVERYWHERE:
                row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
                counts[table] = row[0] if row else 0
        return counts, sum(1 for _ in (self._servers.folder / "blobs").rglob("*"))


def refused(path: Path, servers: Servers) -> str:
    """The sentence with which `path` is refused; nothing may have changed."""
    everything = Everything(servers)
    with pytest.raises(BadArchive) as raised:
        exporting.bring_in(path)
    assert everything.now() == everything.before
    assert raised.value.message.endswith(".")
    return raised.value.message


def first(export: Unpacked, name: str, /, **values: Any) -> None:
    """Changes the first line of a list."""
    lines = export.lines(name)
    export.set_lines(name, [{**lines[0], **values}, *lines[1:]])


def member_file(export: Unpacked) -> str:
    return next(name for name in export.members if name.startswith("documents/"))


def rename(export: Unpacked, name: str) -> None:
    export.members[name] = export.members.pop(member_file(export))
    first(export, "documents", file=name)


SEALED: dict[str, tuple[Callable[[Unpacked], None], str]] = {
    # The manifest fits: whoever made these took care.
    "a path upwards": (lambda e: rename(e, "documents/../../etc/passwd"), "has a member that no export has"),
    "an absolute path": (lambda e: rename(e, "/etc/passwd"), "has a member that no export has"),
    "a path with a backslash": (lambda e: rename(e, "documents/000001 ..\\..\\x"), "has a member that no export has"),
    "an unexpected member": (lambda e: e.members.update({"run.sh": b"#!"}), "has a member that no export has"),
    "a document of nobody": (lambda e: e.members.update({"documents/000009 x.txt": b"x"}), "belongs to no document"),
    "bytes of another document": (lambda e: first(e, "documents", file=e.lines("documents")[1]["file"]), "not there"),
    "no bytes": (lambda e: first(e, "documents", file=None), "does not say why|belongs to no document"),
    "a file that is the list": (lambda e: first(e, "documents", file="texts.jsonl"), "belongs to another document"),
    "a strange stage": (lambda e: first(e, "documents", stage="finished"), "documents.jsonl, line 1: stage"),
    "an unknown field": (lambda e: first(e, "documents", is_operator=True), "is_operator"),
    "a path as a name": (lambda e: first(e, "documents", name="../x.txt"), "no name of a document"),
    "an unknown type": (lambda e: first(e, "documents", mime_type="application/x-sh"), "does not know documents"),
    "a negative size": (lambda e: first(e, "documents", size_bytes=-1), "size_bytes"),
    "a false size": (lambda e: first(e, "documents", size_bytes=1), "not as long as it says"),
    "a huge document": (lambda e: first(e, "documents", size_bytes=10**12), "larger than 50 MB"),
    "an unknown category": (lambda e: first(e, "documents", category_id=str(new_id())), "category is not in"),
    "an unknown uploader": (lambda e: first(e, "documents", uploaded_by=str(new_id())), "is not in the export"),
    "the same document twice": (lambda e: e.set_lines("documents", e.lines("documents") * 2), "there twice"),
    "a NUL": (lambda e: first(e, "texts", text="a\x00b"), "not the JSON"),
    "half a character": (lambda e: first(e, "texts", text="\ud800"), "not the JSON"),
    "a text of nobody": (lambda e: first(e, "texts", document_id=str(new_id())), "no such document"),
    "an analysis of nobody": (lambda e: first(e, "analyses", document_id=str(new_id())), "no such document"),
    "a category twice": (lambda e: e.set_lines("categories", e.lines("categories") * 2), "there twice"),
    "a person twice": (lambda e: e.set_lines("members", e.lines("members") * 2), "there twice"),
    "no address": (lambda e: first(e, "members", email="nobody"), "no e-mail address"),
    "an operator": (lambda e: first(e, "members", role="operator"), "role"),
    "removed and active": (lambda e: first(e, "members", removed_at=now().isoformat()), "active and removed"),
    "half a line": (lambda e: e.members.update({"texts.jsonl": e.members["texts.jsonl"][:-1]}), "middle of a line"),
    "no JSON": (lambda e: e.members.update({"texts.jsonl": b"[" * 100_000 + b"\n"}), "not the JSON"),
    "a list where an object belongs": (lambda e: e.members.update({"organization.json": b"[]"}), "not the JSON"),
    "fewer lines than counted": (lambda e: e.manifest["counts"].update(texts=99), "the manifest says otherwise"),
    "another format": (lambda e: e.manifest.update(format="other"), "not one of an export"),
    "a missing list": (lambda e: e.members.pop("members.jsonl"), "differ: members.jsonl"),
    "a bomb": (lambda e: first(e, "texts", text=" " * 40_000_000), "unpack to far more"),
}


@pytest.mark.parametrize("how", SEALED)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_stays(
    export: Unpacked, servers: Servers, tmp_path: Path, how: str
) -> None:
    change, sentence = SEALED[how]
    change(export)
    message = refused(export.pack(tmp_path / "export.zip"), servers)
    assert any(part in message for part in sentence.split("|")), message


UNSEALED: dict[str, tuple[Callable[[Unpacked], None], str]] = {
    # The manifest is the old one.
    "other bytes": (lambda e: e.members.update({member_file(e): b"two"}), "its checksum differs"),
    "longer bytes": (lambda e: e.members.update({member_file(e): b"longer"}), "not as long as the manifest says"),
    "a missing file": (lambda e: e.members.pop(member_file(e)), "Manifest and content of this file differ"),
    "a file more": (lambda e: e.members.update({"documents/000009 x.txt": b"x"}), "content of this file differ"),
}


@pytest.mark.parametrize("how", UNSEALED)
def test_what_differs_from_the_manifest_is_refused(
    export: Unpacked, servers: Servers, tmp_path: Path, how: str
) -> None:
    change, sentence = UNSEALED[how]
    change(export)
    assert sentence in refused(export.pack(tmp_path / "export.zip", seal=False), servers)


def test_a_newer_version_asks_for_an_update(export: Unpacked, servers: Servers, tmp_path: Path) -> None:
    export.manifest |= {"schema_version": 4, "something_new": True}
    path = export.pack(tmp_path / "export.zip")
    assert "Update Clasio" in refused(path, servers)
    with pytest.raises(NewerArchive):
        exporting.bring_in(path)


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.9])
def test_a_truncated_file_is_refused(export: Unpacked, servers: Servers, tmp_path: Path, keep: float) -> None:
    path = export.pack(tmp_path / "export.zip")
    content = path.read_bytes()
    path.write_bytes(content[: int(keep if keep > 1 else keep * len(content))])
    assert "cut off" in refused(path, servers)


def test_bytes_that_turned_on_the_way_are_noticed(export: Unpacked, servers: Servers, tmp_path: Path) -> None:
    export.members[member_file(export)] = b"one"
    path = tmp_path / "export.zip"
    export.pack(path)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("texts.jsonl").header_offset + 60
    content[at] ^= 0xFF
    path.write_bytes(content)
    assert "damaged" in refused(path, servers)


def test_a_zip_file_of_something_else_is_no_export(servers: Servers, tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "no manifest.json" in refused(path, servers)
    assert "cannot be read" in refused(tmp_path / "nothing.zip", servers)
    path.write_bytes(b"PK\x05\x06" + b"\xff" * 18)
    assert refused(path, servers)


def test_a_member_twice_is_refused(export: Unpacked, servers: Servers, tmp_path: Path) -> None:
    path = export.pack(tmp_path / "export.zip")
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("texts.jsonl", b"")
    assert "names a member twice" in refused(path, servers)


def test_members_that_share_their_bytes_are_a_bomb(export: Unpacked, servers: Servers, tmp_path: Path) -> None:
    """Many entries of the list point at one large member, so that the file is small and its content is not."""
    kernel = b"0" * 3_000_000
    name = member_file(export)
    export.members[name] = kernel
    path = export.pack(tmp_path / "export.zip")
    with zipfile.ZipFile(path, "a") as archive:
        one = archive.getinfo(name)
        for number in range(2_000):
            other = zipfile.ZipInfo(f"documents/{number + 1000:06} x.txt")
            other.header_offset, other.CRC = one.header_offset, one.CRC
            other.compress_size, other.file_size = one.compress_size, one.file_size
            other.compress_type = one.compress_type
            archive.filelist.append(other)
            archive.NameToInfo[other.filename] = other
        archive._didModify = True
    assert "unpack to far more" in refused(path, servers)


def test_a_persons_export_is_no_organization(owner: Actor, worker: Worker, servers: Servers, tmp_path: Path) -> None:
    export = exporting.made(owner, worker, "person")
    assert "the export of one person" in refused(export.pack(tmp_path / "person.zip"), servers)


def test_an_export_of_version_1_is_read(owner: Actor, tmp_path: Path) -> None:
    """Made by hand, as the first version wrote it, and never to be changed: later versions must still read it."""
    imported = exporting.bring_in(exporting.version_1(owner.email).pack(tmp_path / "old.zip"))
    assert (imported.documents, imported.left_out, imported.queued, imported.members) == (2, 1, 1, 1)
