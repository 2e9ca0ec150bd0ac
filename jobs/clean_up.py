from clasio_backend.core.gateway import remove_expired

BATCH = 1000
MAX_BATCHES = 100


def run() -> None:
    """Removes what has had its day, in bounded batches."""
    for _ in range(MAX_BATCHES):
        if remove_expired(BATCH) < BATCH:
            return
