from clasio_backend.core.gateway import (
    remove_expired,
    remove_old_activity,
    remove_old_mails,
    remove_old_security_events,
)

BATCH = 1000
MAX_BATCHES = 100


def run() -> None:
    """Removes what has had its day, in bounded batches."""
    for _ in range(MAX_BATCHES):
        if remove_expired(BATCH) + remove_old_mails(BATCH) < BATCH:
            return


def remove_activity() -> None:
    """Removes activity and security events older than 90 days, in bounded batches; the rest waits for the next hour."""
    for _ in range(MAX_BATCHES):
        if max(remove_old_activity(BATCH), remove_old_security_events(BATCH)) < BATCH:
            return
