"""Blobs by organization and SHA-256, encrypted with the organization's key on the way in and decrypted on the way out.

Writing one twice is harmless, so a crash half-way costs nothing.
"""

import errno
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore

from clasio_backend.core.config import Settings, get_settings
from clasio_backend.core.nameless import path_of
from clasio_backend.integrations.storage import keys
from clasio_backend.integrations.storage.errors import FileMissing, KeyGone, StorageError, StorageFull
from clasio_backend.integrations.storage.s3 import open_s3
from clasio_backend.integrations.storage.sealing import NAMES_KEY_BYTES, Key, key_id_in, opened, sealed

# The library's defaults (12 parts at once) would hold 60 MB of one upload in memory.
_PART_BYTES = 5 * 1024 * 1024
_PARTS_AT_ONCE = 2
_STREAM_BYTES = 256 * 1024
_REMOVED_AT_ONCE = 1_000
_FAN_OUT = 2
"""Letters of a blob's hash that its folder is named after."""
_MOST_PARTS = 9_000
"""S3 takes 10,000 of one upload, so a very large file is sent in larger parts."""


class BlobStore:
    """Reads and writes blobs; every key begins with the organization's id."""

    def __init__(self, store: ObjectStore, folder: Path | None) -> None:
        self._store = store
        self._folder = folder

    @staticmethod
    def key(organization_id: UUID, sha256: str) -> str:
        """Where a blob lies under a key without a folder: the first one of its organization."""
        return f"{organization_id}/{sha256[:_FAN_OUT]}/{sha256}"

    def put(self, organization_id: UUID, sha256: str, source: Path, *, key_id: UUID | None = None) -> UUID:
        """Stores the file at `source`; when this returns, the bytes are in the store. Returns the id of their key: the
        one that is asked for, or the current one.
        """
        key = keys.key_of(organization_id, key_id) if key_id else keys.current_key(organization_id)
        with storage_errors(), source.open("rb") as file:
            self._write(_place(organization_id, sha256, key), iter(partial(file.read, _STREAM_BYTES), b""), key)
        return key.id

    def stream(self, organization_id: UUID, sha256: str) -> Iterator[bytes]:
        """The blob's bytes in pieces; raises `FileDamaged` or `KeyGone` besides."""
        tried: set[str] = set()
        while True:
            place = ""
            try:
                place = self._place_of_blob(organization_id, sha256)
                pieces = self._opened(organization_id, place)
                first = next(pieces, b"")
            except (FileMissing, KeyGone):
                if place in tried:
                    raise
                tried.add(place)  # it may have been moved to another key since its row was read: its row tells
                continue
            yield first
            yield from pieces
            return

    def copy_to_key(self, organization_id: UUID, sha256: str, former: UUID, key_id: UUID) -> None:
        """Writes a blob that lies under the key `former` under another one as well; twice is once."""
        place = _place(organization_id, sha256, keys.key_of(organization_id, former))
        key = keys.key_of(organization_id, key_id)
        self._write_slowly(_place(organization_id, sha256, key), self._opened(organization_id, place), key, 0)

    def has(self, organization_id: UUID, sha256: str, *, key_id: UUID | None = None) -> bool:
        """Whether the bytes are in the store: under that key, or under any."""
        found = [keys.key_of(organization_id, key_id)] if key_id else keys.all_keys(organization_id)
        places = {_place(organization_id, sha256, key) for key in found}
        return any(self._is_there(place) for place in places or {self.key(organization_id, sha256)})

    def delete(self, organization_id: UUID, sha256: str) -> None:
        """Removes the bytes under whichever key; twice is once."""
        places = {_place(organization_id, sha256, key) for key in keys.all_keys(organization_id)}
        for place in places | {self.key(organization_id, sha256)}:
            self._remove(place)

    def remove_under(self, organization_id: UUID, sha256: str, key_id: UUID, *, but: UUID) -> None:
        """Removes what is left of a blob under one key, since it lies under the key `but`; twice is once."""
        place, kept = (_place(organization_id, sha256, keys.key_of(organization_id, each)) for each in (key_id, but))
        if place != kept:
            self._remove(place)

    def clear_key(self, organization_id: UUID, key_id: UUID) -> None:
        """Removes the blobs that lie under a key and that no row names: what uploads left that did not end."""
        if keys.key_of(organization_id, key_id).has_folder:
            folders = [_folder(organization_id, key_id)]
        else:
            with storage_errors():
                below = obstore.list_with_delimiter(self._store, f"{organization_id}/")["common_prefixes"]
            folders = [folder for folder in below if len(folder.rstrip("/").rpartition("/")[2]) == _FAN_OUT]
        for folder in folders:
            while self._delete_below(f"{folder.rstrip('/')}/", _REMOVED_AT_ONCE):
                pass
            if self._folder is not None:
                shutil.rmtree(self._folder / folder, ignore_errors=True)  # what is left are empty folders

    def _write(self, place: str, pieces: Iterable[bytes], key: Key) -> None:
        obstore.put(
            self._store, place, sealed(pieces, key, place), chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE
        )

    def _place_of_blob(self, organization_id: UUID, sha256: str) -> str:
        key = keys.key_of_blob(organization_id, sha256)
        return self.key(organization_id, sha256) if key is None else _place(organization_id, sha256, key)

    def _is_there(self, place: str) -> bool:
        with storage_errors():
            try:
                obstore.head(self._store, place)
            except (NotFoundError, FileNotFoundError):
                return False
            return True

    def _remove(self, place: str) -> None:
        with storage_errors(), suppress(NotFoundError, FileNotFoundError):
            obstore.delete(self._store, place)

    def write_made(self, organization_id: UUID, name: str, pieces: Iterable[bytes], *, about_bytes: int) -> None:
        """Stores a file that is being made, piece by piece; when `pieces` raises, nothing of it is there.

        `about_bytes` is its expected size. `name` is a path in the organization's folder of made files.
        """
        place = self._made(organization_id, name)
        self._write_slowly(place, pieces, keys.current_key(organization_id), about_bytes)

    def _write_slowly(self, place: str, pieces: Iterable[bytes], key: Key, about_bytes: int) -> None:
        part = max(_PART_BYTES, about_bytes // _MOST_PARTS)
        with (
            storage_errors(),
            obstore.open_writer(self._store, place, buffer_size=part, max_concurrency=_PARTS_AT_ONCE) as writer,
        ):
            for piece in sealed(pieces, key, place):
                writer.write(piece)

    def stream_made(self, organization_id: UUID, name: str) -> Iterator[bytes]:
        """The made file's bytes in pieces."""
        return self._opened(organization_id, self._made(organization_id, name))

    def _opened(self, organization_id: UUID, place: str) -> Iterator[bytes]:
        return opened(self._stored(place), lambda key_id: keys.key_of(organization_id, key_id).secret, place)

    def _stored(self, place: str) -> Iterator[bytes]:
        with storage_errors():
            try:
                found = obstore.get(self._store, place)
            except (NotFoundError, FileNotFoundError) as error:
                raise FileMissing from error
            for piece in found.stream(_STREAM_BYTES):
                yield bytes(piece)

    def move_made(self, organization_id: UUID, name: str, key_id: UUID) -> None:
        """Writes a made file again under another key, in its place, unless it lies under that one or a later one."""
        place = self._made(organization_id, name)
        with storage_errors():
            try:
                beginning = obstore.get_range(self._store, place, start=0, length=NAMES_KEY_BYTES)
                size = obstore.head(self._store, place)["size"]
            except (NotFoundError, FileNotFoundError) as error:
                raise FileMissing from error
        if key_id_in(bytes(beginning)) < key_id:
            pieces, key = self._opened(organization_id, place), keys.key_of(organization_id, key_id)
            self._write_slowly(place, pieces, key, size)

    def list_made(self, organization_id: UUID, folder: str) -> list[str]:
        """Names of the made files below `folder`; locally also of halves that a killed process left."""
        key = self._made(organization_id, folder)
        with storage_errors():
            if self._folder is not None:
                below = (self._folder / key).rglob("*")
                listed = [path.relative_to(self._folder).as_posix() for path in below if path.is_file()]
            else:
                listed = [meta["path"] for batch in obstore.list(self._store, prefix=key) for meta in batch]
        return [path.removeprefix(self._made(organization_id, "")) for path in listed]

    def remove_made(self, organization_id: UUID, name: str) -> None:
        """Removes one made file; twice is once."""
        key = self._made(organization_id, name)
        with storage_errors(), suppress(NotFoundError, FileNotFoundError):
            if self._folder is not None:
                (self._folder / key).unlink()  # a half has a name that the library does not take
            else:
                obstore.delete(self._store, key)

    def clear_made(self, organization_id: UUID, folder: str, *, keep: str | None = None) -> None:
        """Removes the made files below `folder`, but for the one called `keep`; twice is once."""
        for name in self.list_made(organization_id, folder):
            if name != keep:
                self.remove_made(organization_id, name)
        if self._folder is not None and keep is None:
            shutil.rmtree(self._folder / self._made(organization_id, folder), ignore_errors=True)

    def delete_some(self, organization_id: UUID, batch: int) -> int:
        """Removes at most `batch` things that are stored of an organization; returns how many: 0 means none is left."""
        removed = self._delete_below(f"{organization_id}/", batch)
        if not removed and self._folder is not None:
            shutil.rmtree(self._folder / str(organization_id), ignore_errors=True)  # what is left are empty folders
        return removed

    def _delete_below(self, prefix: str, batch: int) -> int:
        with storage_errors():
            found = next(iter(obstore.list(self._store, prefix, chunk_size=batch)), [])
            with suppress(NotFoundError, FileNotFoundError):  # somebody else was faster
                obstore.delete(self._store, [thing["path"] for thing in found])
            return len(found)

    def remove_all(self, organization_id: UUID) -> None:
        """Removes everything that an organization has in the store; twice is once."""
        while self.delete_some(organization_id, _REMOVED_AT_ONCE):
            pass

    @staticmethod
    def _made(organization_id: UUID, name: str) -> str:
        return f"{organization_id}/made/{name}"

    def check(self) -> None:
        """Writes, reads and removes a few bytes; raises `StorageError` when that fails."""
        key = "check/doctor"
        with storage_errors():
            obstore.put(self._store, key, b"ok")
            obstore.get(self._store, key).bytes()
            obstore.delete(self._store, key)

    @contextmanager
    def as_file(self, organization_id: UUID, sha256: str) -> Iterator[Path]:
        """A path to read the blob from, for this block and this process. The copy has no name in any folder, so it is
        gone with the process that reads it, however that ends.
        """
        with tempfile.TemporaryFile(prefix="clasio-") as copy:
            for piece in self.stream(organization_id, sha256):
                copy.write(piece)
            copy.flush()
            yield path_of(copy)


def _place(organization_id: UUID, sha256: str, key: Key) -> str:
    """Where a blob lies under a key."""
    if not key.has_folder:
        return BlobStore.key(organization_id, sha256)
    return f"{_folder(organization_id, key.id)}/{sha256[:_FAN_OUT]}/{sha256}"


def _folder(organization_id: UUID, key_id: UUID) -> str:
    return f"{organization_id}/{key_id}"


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turns what the store or the disk says into `StorageFull` or `StorageError`."""
    try:
        yield
    except (BaseError, OSError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error):
            raise StorageFull from error
        raise StorageError from error


@lru_cache(maxsize=1)
def get_blob_store() -> BlobStore:
    """The process's store."""
    return open_blob_store(get_settings())


def open_blob_store(settings: Settings) -> BlobStore:
    """The store that STORAGE_URL names; a local folder is made when missing."""
    parts = urlsplit(settings.storage_url)
    if parts.scheme == "s3":
        return BlobStore(open_s3(settings), None)
    folder = Path(unquote(parts.path))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return BlobStore(LocalStore(folder), folder)
