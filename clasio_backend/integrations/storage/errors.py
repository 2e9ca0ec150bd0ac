from clasio_backend.core.errors import ProviderError


class StorageError(ProviderError):
    """The store did not answer, or is full; nothing was lost, trying again can help."""

    code = "storage_unavailable"
    status = 503

    def __init__(
        self, message: str = "The file store does not answer. Try again in a moment.", *, retryable: bool = True
    ) -> None:
        super().__init__(message, retryable=retryable)


class StorageFull(StorageError):
    code = "storage_full"
    status = 507

    def __init__(self) -> None:
        super().__init__("The file store is full. Free some space, then try again.")


class FileMissing(StorageError):
    code = "file_missing"

    def __init__(self) -> None:
        super().__init__("The stored file is missing. Restore it from a backup.")


class FileDamaged(StorageError):
    """What is stored is not what was stored: changed, cut short, or put in another file's place."""

    code = "file_damaged"

    def __init__(self) -> None:
        super().__init__("The stored file is damaged. Restore it from a backup.", retryable=False)


class KeyGone(StorageError):
    """The organization's key was deleted, and with it the files."""

    code = "key_gone"

    def __init__(self) -> None:
        super().__init__("The key of these files is gone, so nobody can read them any more.", retryable=False)
