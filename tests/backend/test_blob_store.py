"""Removing everything of one organization from a store: a local folder, and S3, which has no folders."""

from pathlib import Path

from clasio_backend.integrations.storage import BlobStore
from tests.cast import Actor

BLOBS = [f"{number:064x}" for number in range(5)]


def test_what_is_stored_of_an_organization_goes_batch_by_batch(
    store: BlobStore, owner: Actor, other_tenant: Actor, tmp_path: Path
) -> None:
    gone, kept = owner.organization_id, other_tenant.organization_id
    source = tmp_path / "source"
    source.write_bytes(b"the bytes")
    for organization_id in (gone, kept):
        for sha256 in BLOBS:
            store.put(organization_id, sha256, source)
    assert [store.delete_some(gone, 2) for _ in range(5)] == [2, 2, 1, 0, 0]
    assert not any(store.has(gone, sha256) for sha256 in BLOBS)
    assert all(store.has(kept, sha256) for sha256 in BLOBS)
    assert not (tmp_path / str(gone)).exists()
