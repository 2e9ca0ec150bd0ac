"""Files in the store: encrypted for one organization, unreadable once its key is gone."""

import tempfile
from pathlib import Path

import pytest

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.service import open_content, stream_content
from clasio_backend.integrations.storage import BlobStore, FileDamaged, KeyGone, get_blob_store, keys
from tests import factories
from tests.cast import Actor
from tests.servers import Servers

SECRET = "the board will sell the company in March"


@pytest.fixture
def blobs(servers: Servers) -> Path:
    return servers.folder / "blobs"


def content_of(actor: Actor, document_id: object) -> bytes:
    with unit_of_work(actor.scope) as uow:
        content = open_content(uow, document_id)  # type: ignore[arg-type]
    return b"".join(stream_content(content))


def test_the_store_shows_nothing_and_the_owner_gets_it_all(owner: Actor, blobs: Path) -> None:
    document = factories.upload(owner.scope, "secret.txt", SECRET)
    stored = (blobs / BlobStore.key(owner.organization_id, document.sha256)).read_bytes()
    assert SECRET.encode() not in stored
    assert content_of(owner, document.id) == SECRET.encode()


def test_the_row_names_the_key_and_the_key_itself_is_sealed(owner: Actor, servers: Servers) -> None:
    document = factories.upload(owner.scope, "secret.txt", SECRET)
    key = keys.current_key(owner.organization_id)
    with servers.as_owner() as connection:
        blob = connection.execute(
            "SELECT format, key_id FROM blobs WHERE organization_id = %s AND sha256 = %s",
            [owner.organization_id, document.sha256],
        ).fetchone()
        stored = connection.execute("SELECT sealed FROM data_keys WHERE id = %s", [key.id]).fetchone()
    assert blob == ("secretstream-1", key.id)
    assert stored is not None
    assert key.secret not in bytes(stored[0])
    assert key.secret.hex() not in repr(key)


def test_two_organizations_have_two_keys(owner: Actor, other_tenant: Actor) -> None:
    assert keys.current_key(owner.organization_id).secret != keys.current_key(other_tenant.organization_id).secret


def test_one_organization_s_file_does_not_open_in_another_s_place(
    owner: Actor, other_tenant: Actor, blobs: Path
) -> None:
    mine = factories.upload(owner.scope, "mine.txt", SECRET)
    theirs = factories.upload(other_tenant.scope, "theirs.txt", SECRET)
    here, there = (
        blobs / BlobStore.key(actor.organization_id, document.sha256)
        for actor, document in ((owner, mine), (other_tenant, theirs))
    )
    there.write_bytes(here.read_bytes())
    with pytest.raises(KeyGone):  # it names a key that this organization does not have
        content_of(other_tenant, theirs.id)


def test_without_its_key_a_file_is_gone(
    owner: Actor, other_tenant: Actor, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = factories.upload(owner.scope, "mine.txt", SECRET)
    theirs = factories.upload(other_tenant.scope, "theirs.txt", SECRET)
    with servers.as_owner() as connection:
        connection.execute("DELETE FROM data_keys WHERE organization_id = %s", [owner.organization_id])
    monkeypatch.setattr(keys, "_cache", {})  # as after a minute
    with pytest.raises(KeyGone):
        content_of(owner, mine.id)
    assert content_of(other_tenant, theirs.id) == SECRET.encode()


def test_a_damaged_file_says_so_before_anything_is_sent(owner: Actor, blobs: Path) -> None:
    document = factories.upload(owner.scope, "secret.txt", SECRET)
    path = blobs / BlobStore.key(owner.organization_id, document.sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    with pytest.raises(FileDamaged):
        content_of(owner, document.id)


def test_reading_leaves_no_open_copy_in_any_folder(
    owner: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = factories.upload(owner.scope, "secret.txt", SECRET)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with get_blob_store().as_file(owner.organization_id, document.sha256) as path:
        assert path.read_text() == SECRET
        assert list(tmp_path.iterdir()) == []
