"""What every background process does at its start and while it lives."""

import logging
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from clasio_backend.core.db import UnsafeDatabaseRole
from clasio_backend.core.waiting import wait_for_database
from clasio_backend.core.workers import Presence
from clasio_backend.observability.logging import configure_logging

log = logging.getLogger(__name__)
SIGN_OF_LIFE_SECONDS = 5.0


@contextmanager
def background_process(kind: str, queues: Sequence[str] = ()) -> Iterator[None]:
    """Sets up logs, waits for the database, refuses an unsafe role, and shows itself there until the block ends."""
    configure_logging(kind)
    # While it waits: the first process of a container ends by no signal for which it has no handler.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    try:
        wait_for_database()
    except UnsafeDatabaseRole as error:
        sys.exit(error.message)
    presence = Presence.of(kind, queues)
    presence.show()
    log.info("started", extra={"queues": list(queues)})
    done = threading.Event()

    def show() -> None:
        while not done.wait(SIGN_OF_LIFE_SECONDS):
            try:
                presence.show()
            except SQLAlchemyError as error:
                log.warning("sign_of_life_failed", extra={"error": type(error).__name__})

    threading.Thread(target=show, name="presence", daemon=True).start()
    try:
        yield
    finally:
        done.set()
        try:
            presence.leave()
        except SQLAlchemyError:
            log.warning("leave_failed")
        log.info("stopped")
