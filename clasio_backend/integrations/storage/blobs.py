"""Blobs by organization and SHA-256. Immutable: writing one twice is harmless, so a crash half-way costs nothing."""

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ProviderError

# The library's defaults (12 parts at once) would hold 60 MB of one upload in memory.
_PART_BYTES = 5 * 1024 * 1024
_PARTS_AT_ONCE = 2
_STREAM_BYTES = 256 * 1024


class StorageError(ProviderError):
    """The store did not answer, or is full; nothing was lost, trying again can help."""

    code = "storage_unavailable"
    status = 503

    def __init__(self, message: str = "The file store does not answer. Try again in a moment.") -> None:
        super().__init__(message, retryable=True)


class StorageFull(StorageError):
    code = "storage_full"
    status = 507

    def __init__(self) -> None:
        super().__init__("The file store is full. Free some space, then try again.")


class BlobStore:
    """Reads and writes blobs; every key begins with the organization's id."""

    def __init__(self, store: ObjectStore, folder: Path | None) -> None:
        self._store = store
        self._folder = folder

    @staticmethod
    def key(organization_id: UUID, sha256: str) -> str:
        return f"{organization_id}/{sha256[:2]}/{sha256}"

    def put(self, organization_id: UUID, sha256: str, source: Path) -> None:
        """Stores the file at `source`; when this returns, the bytes are in the store."""
        with _storage_errors():
            obstore.put(
                self._store,
                self.key(organization_id, sha256),
                source,
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )

    def stream(self, organization_id: UUID, sha256: str) -> Iterator[bytes]:
        """The blob's bytes in pieces."""
        with _storage_errors():
            for piece in obstore.get(self._store, self.key(organization_id, sha256)).stream(_STREAM_BYTES):
                yield bytes(piece)

    def check(self) -> None:
        """Writes, reads and removes a few bytes; raises `StorageError` when that fails."""
        key = "check/doctor"
        with _storage_errors():
            obstore.put(self._store, key, b"ok")
            obstore.get(self._store, key).bytes()
            obstore.delete(self._store, key)

    @contextmanager
    def as_file(self, organization_id: UUID, sha256: str) -> Iterator[Path]:
        """A path to read the blob from: the stored file itself when it is local, else a copy for this block."""
        key = self.key(organization_id, sha256)
        if self._folder is not None:
            path = self._folder / key
            if not path.is_file():
                raise StorageError("The stored file is missing. Restore it from a backup.")
            yield path
            return
        with tempfile.NamedTemporaryFile(prefix="clasio-") as copy:
            for piece in self.stream(organization_id, sha256):
                copy.write(piece)
            copy.flush()
            yield Path(copy.name)


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error):
            raise StorageFull from error
        raise StorageError from error


@lru_cache(maxsize=1)
def get_blob_store() -> BlobStore:
    """The process's store."""
    return open_blob_store(get_settings().storage_url)


def open_blob_store(url: str) -> BlobStore:
    """`file:///folder` (made when missing) or any URL that obstore takes, such as `s3://bucket/prefix`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return BlobStore(LocalStore(folder), folder)
    return BlobStore(from_url(url), None)
