"""Where the bytes of documents live: a local folder or S3, chosen by `STORAGE_URL`."""

from clasio_backend.integrations.storage.blobs import BlobStore, StorageError, get_blob_store, storage_errors

__all__ = ["BlobStore", "StorageError", "get_blob_store", "storage_errors"]
