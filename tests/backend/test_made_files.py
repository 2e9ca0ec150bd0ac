"""Files that are made piece by piece, in a local folder and at S3: whole or not at all, and nothing left behind."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from clasio_backend.integrations.storage import BlobStore, StorageError
from tests.cast import Actor

PIECE = b"0123456789abcdef" * 65_536


@pytest.fixture
def organization_id(owner: Actor) -> UUID:
    return owner.organization_id


def write(store: BlobStore, organization_id: UUID, name: str, pieces: int = 1) -> None:
    store.write_made(organization_id, name, (PIECE for _ in range(pieces)), about_bytes=0)


@pytest.mark.parametrize("pieces", [0, 1, 13])
def test_what_was_written_is_read(store: BlobStore, organization_id: UUID, pieces: int) -> None:
    write(store, organization_id, "exports/one/file", pieces)
    assert b"".join(store.stream_made(organization_id, "exports/one/file")) == PIECE * pieces


@pytest.mark.parametrize("after", [0, 1, 13])
def test_a_file_that_fails_half_way_is_not_there(
    store: BlobStore, organization_id: UUID, after: int, tmp_path: Path
) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(after):
            yield PIECE
        raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        store.write_made(organization_id, "exports/one/file", pieces(), about_bytes=0)
    assert store.list_made(organization_id, "exports") == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    with pytest.raises(StorageError):
        next(store.stream_made(organization_id, "exports/one/file"))


def test_a_folder_is_cleared_but_for_the_one_that_is_kept(store: BlobStore, organization_id: UUID) -> None:
    for name in ("exports/one/a", "exports/one/b", "exports/two/c"):
        write(store, organization_id, name)
    assert sorted(store.list_made(organization_id, "exports")) == ["exports/one/a", "exports/one/b", "exports/two/c"]
    for _ in range(2):
        store.clear_made(organization_id, "exports/one", keep="exports/one/b")
    assert sorted(store.list_made(organization_id, "exports")) == ["exports/one/b", "exports/two/c"]
    for _ in range(2):
        store.remove_made(organization_id, "exports/one/b")
        store.clear_made(organization_id, "exports/two")
    assert store.list_made(organization_id, "exports") == []


def test_everything_of_one_organization_goes_and_nothing_of_another(
    store: BlobStore, organization_id: UUID, other_tenant: Actor, tmp_path: Path
) -> None:
    other, sha256 = other_tenant.organization_id, "a" * 64
    (tmp_path / "source").write_bytes(b"bytes")
    for each in (organization_id, other):
        write(store, each, "exports/one/a")
        store.put(each, sha256, tmp_path / "source")
    for _ in range(2):
        store.remove_all(organization_id)
    assert (store.has(organization_id, sha256), store.list_made(organization_id, "exports")) == (False, [])
    assert (store.has(other, sha256), store.list_made(other, "exports")) == (True, ["exports/one/a"])
