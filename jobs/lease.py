"""Keeps a running job's lease alive, so that nobody else takes it while this worker lives."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import LEASE_RENEWAL, renew_lease

log = logging.getLogger(__name__)


@contextmanager
def kept(claim: Claim) -> Iterator[None]:
    """Renews the lease from a thread for as long as the block runs."""
    done = threading.Event()

    def keep() -> None:
        while not done.wait(LEASE_RENEWAL.total_seconds()):
            try:
                if not renew_lease(claim):
                    return
            except SQLAlchemyError as error:
                log.warning("lease_renewal_failed", extra={"error": type(error).__name__})

    thread = threading.Thread(target=keep, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
