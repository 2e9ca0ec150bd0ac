"""Where the bytes of documents live, encrypted: a local folder or S3, chosen by `STORAGE_URL`."""

from clasio_backend.integrations.storage import keys
from clasio_backend.integrations.storage.blobs import BlobStore, get_blob_store, storage_errors
from clasio_backend.integrations.storage.errors import FileDamaged, FileMissing, KeyGone, StorageError, StorageFull
from clasio_backend.integrations.storage.sealing import FORMAT

__all__ = [
    "FORMAT",
    "BlobStore",
    "FileDamaged",
    "FileMissing",
    "KeyGone",
    "StorageError",
    "StorageFull",
    "get_blob_store",
    "keys",
    "storage_errors",
]
