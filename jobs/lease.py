"""Keeps a running job's lease alive while this worker lives, and ends the worker when the job hangs or it has to stop.

A thread cannot be stopped from outside, and workers do not fork for each job: what ends a job is the end of its process
(decision 0012). Whoever ends it first writes down what becomes of the job, so that nobody waits for a lease.
"""

import faulthandler
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from clasio_backend.core.job_queue import LEASE_RENEWAL, LostLease

log = logging.getLogger(__name__)
OVERDUE_STATUS = 75
LAST_WORD_SECONDS = 30.0
"""How long writing down the end may take; after it the process ends without."""


@dataclass(frozen=True, slots=True)
class Held:
    """What can be done for the job in hand: hold it, give it to another worker, count it as a failed attempt."""

    renew: Callable[[], bool]
    hand_back: Callable[[], object]
    fail: Callable[[], object]
    limit: timedelta


_in_hand: list[tuple[Held, Context]] = []
_stopping = threading.Event()


@contextmanager
def kept(held: Held) -> Iterator[None]:
    """Renews the lease from a thread for as long as the block runs, or until `renew` says that another has it.

    A block that takes longer than `limit` ends this process.
    """
    done = threading.Event()
    mine = (held, copy_context())
    _in_hand.append(mine)
    _end_at_the_latest(held.limit.total_seconds() + LAST_WORD_SECONDS)
    threading.Thread(target=copy_context().run, args=(_keep, held, done), name="lease", daemon=True).start()
    try:
        yield
    finally:
        done.set()
        _in_hand.remove(mine)
        if not _stopping.is_set():
            faulthandler.cancel_dump_traceback_later()


def _keep(held: Held, done: threading.Event) -> None:
    ends = time.monotonic() + held.limit.total_seconds()
    is_mine = True
    while not done.wait(min(LEASE_RENEWAL.total_seconds(), max(0.0, ends - time.monotonic()))):
        if time.monotonic() >= ends:
            _last_word("overdue", held.fail)
            if not done.is_set():
                os._exit(OVERDUE_STATUS)  # the supervisor starts another worker
            return
        if is_mine:
            try:
                is_mine = held.renew()
            except SQLAlchemyError as error:
                log.warning("lease_renewal_failed", extra={"error": type(error).__name__})


def is_stopping() -> bool:
    """Whether this process was asked to end, and so begins nothing new."""
    return _stopping.is_set()


def stop_within(seconds: float) -> None:
    """Lets the job in hand finish for so long; then gives it back and ends this process."""
    _stopping.set()
    _end_at_the_latest(seconds + LAST_WORD_SECONDS)
    threading.Thread(target=_end_after, args=(seconds,), name="stop", daemon=True).start()


def _end_after(seconds: float) -> None:
    time.sleep(seconds)
    for held, context in tuple(_in_hand):
        context.run(_last_word, "handed_back", held.hand_back)
    os._exit(0)


def _last_word(what: str, write: Callable[[], object]) -> None:
    try:
        write()
    except LostLease:
        return
    except Exception as error:  # noqa: BLE001  # the process ends in any case; the lease runs out by itself
        log.warning("last_word_failed", extra={"what": what, "error": type(error).__name__})
    else:
        log.warning(what)


def _end_at_the_latest(seconds: float) -> None:
    """Ends the process from outside of Python, with a traceback, should even our threads hang."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__ or sys.stderr)
