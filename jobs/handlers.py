"""Which code does which kind of job, and what becomes of its subject when the job ends without success."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError

from clasio_backend.core.gateway import Claim
from clasio_backend.core.instance_jobs import InstanceJobKind
from clasio_backend.core.job_queue import JobKind, JobRow
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.renderings import remove_old
from clasio_backend.documents.rescans import rescan_what_was_not_scanned
from clasio_backend.documents.trash import purge_due
from clasio_backend.exports.cleaning import clean_up as clean_up_exports
from clasio_backend.leaving.due import carry_out_due
from clasio_backend.usage.budget import release_all_expired
from clasio_backend.usage.service import reconcile_every_day
from jobs import analysis, categories, clean_up, exports, mail, notices, pages, reading, rekeying, scanning, trash

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handler:
    """`run` writes its effect and `finish`es in one transaction; `give_up` runs in the one that ends the job."""

    run: Callable[[Scope, Claim, JobRow], None]
    give_up: Callable[[UnitOfWork, JobRow, str], None]


HANDLERS: dict[JobKind, Handler] = {
    JobKind.READ_DOCUMENT: Handler(reading.run, reading.give_up),
    JobKind.SCAN_AGAIN: Handler(scanning.run_again, scanning.give_up),
    JobKind.SCAN_DOCUMENT: Handler(scanning.run_one, scanning.give_up),
    JobKind.ANALYSE_DOCUMENT: Handler(analysis.run, analysis.give_up),
    JobKind.FOLLOW_CATEGORY: Handler(categories.run, categories.give_up),
    JobKind.EMPTY_TRASH: Handler(trash.run_empty_trash, trash.give_up),
    JobKind.REMOVE_BLOB: Handler(trash.run_remove_blob, trash.give_up),
    JobKind.DRAW_PAGES: Handler(pages.run_draw, pages.give_up),
    JobKind.REMOVE_PAGES: Handler(pages.run_remove, pages.give_up),
    JobKind.SEND_MAIL: Handler(mail.run, mail.give_up),
    JobKind.MAKE_EXPORT: Handler(exports.run_make, exports.give_up_making),
    JobKind.REMOVE_EXPORT: Handler(exports.run_remove, exports.give_up_removing),
    JobKind.MOVE_TO_KEY: Handler(rekeying.run, rekeying.give_up),
}

INSTANCE_HANDLERS: dict[InstanceJobKind, Callable[[], None]] = {
    InstanceJobKind.CLEAN_UP: clean_up.run,
    InstanceJobKind.ACTIVITY_CLEAN_UP: clean_up.remove_activity,
    InstanceJobKind.PURGE: purge_due,
    InstanceJobKind.RECONCILE_USAGE: reconcile_every_day,
    InstanceJobKind.SHARE_NOTICES: notices.run,
    InstanceJobKind.EXPORT_CLEAN_UP: clean_up_exports,
    InstanceJobKind.DELETIONS: carry_out_due,
    InstanceJobKind.RESERVATIONS: release_all_expired,
    InstanceJobKind.PAGE_CLEAN_UP: remove_old,
    InstanceJobKind.RESCANS: rescan_what_was_not_scanned,
}


def settle_subject(uow: UnitOfWork, job: JobRow, message: str) -> None:
    """What becomes of the job's subject, in the transaction that ends the job.

    A bug in it undoes its own changes and not the job's end: the job would be begun again and again otherwise.
    """
    try:
        with uow.savepoint():
            HANDLERS[job.kind].give_up(uow, job, message)
    except OperationalError:  # the database went away, and the end of the job with it
        raise
    except Exception:
        log.exception("subject_not_settled", extra={"job_id": str(job.id), "kind": job.kind})
