"""The job that moves an organization's files to its newest data key, and destroys the former ones in the end.

Each blob has a place of its own under each key. The new bytes are written, then the row names the new key, then the
old bytes go: a crash anywhere leaves a row that names whole bytes. A reader who looked at the row a moment too early
looks again (`BlobStore.stream`). Pictures and exports are written once, under a name of their own, by whoever has their
row; nobody else writes there, so they are replaced where they lie, in one step of the store.

A key goes only when no row names it. Its row is locked then: an upload that was on its way with it waits, finds it
gone, and stores its bytes under the new one.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from clasio_backend.activity.service import record_security_event
from clasio_backend.core.clock import now
from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_places import Place, give_way, note_place, read_place
from clasio_backend.core.job_queue import JobKind, finish
from clasio_backend.core.job_waits import wait_for
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.renderings import path_of as path_of_rendering
from clasio_backend.documents.renderings.repository import RenderingRepository
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.exports.service import path_of as path_of_export
from clasio_backend.integrations.storage import FileDamaged, FileMissing, KeyGone, get_blob_store, keys
from clasio_backend.rekeying.repository import RekeyRepository

log = logging.getLogger(__name__)

SETTLED = timedelta(seconds=keys.CACHED_SECONDS) + timedelta(minutes=1)
"""After the key was made: every process knows it, and pictures that were being drawn are stored."""
EXPORTS_AGAIN = timedelta(minutes=1)
TURN_SECONDS = 20.0
BATCH = 100
UNREADABLE = (FileMissing, FileDamaged, KeyGone)
_BLOBS, _PAGES, _EXPORTS = "blob", "page", "export"
_ORDER = (_BLOBS, _PAGES, _EXPORTS)
Step = tuple[str, Callable[[], object]]
"""The place after it, and what it does."""


@dataclass(frozen=True, slots=True)
class _Move:
    scope: Scope
    key: keys.CurrentKey


class _ExportsRun(Exception):
    """An export is being made; it may have begun under a former key."""


def move_to_newest_key(scope: Scope, claim: Claim) -> None:
    """The job. It goes on behind other organizations after a while, and after a crash from where it was."""
    with unit_of_work(scope) as uow:
        place = read_place(uow, claim)
        key = keys.newest(uow)
        settled = key.created_at + SETTLED
        if now() < settled:
            wait_for(uow, claim, "key", until=settled, reason="Every process has to know the new key first.")
            return
        if not place.total:
            rows = uow.repository(RekeyRepository)
            total = rows.count_elsewhere(key.id) + rows.count_drawn_before(settled) + len(rows.list_exports())
            place = Place(0, total, "")
            note_place(uow, claim, place)
    move = _Move(scope, key)
    ends = time.monotonic() + TURN_SECONDS
    try:
        for after, step in _steps(move, place.after):
            step()
            place = Place(place.done + 1, place.total, after)
            with unit_of_work(scope) as uow:
                note_place(uow, claim, place)
            if time.monotonic() >= ends:
                with unit_of_work(scope) as uow:
                    give_way(uow, claim, place, JobKind.MOVE_TO_KEY)
                return
    except _ExportsRun:
        with unit_of_work(scope) as uow:
            kept = {"done": place.done, "total": place.total, "after": place.after}
            until = now() + EXPORTS_AGAIN
            wait_for(uow, claim, "export", until=until, reason="An export is being made.", progress=kept)
        return
    _finish(move, claim)


def _steps(move: _Move, after: str) -> Iterator[Step]:
    kind, _, last = after.partition(" ")
    begin = _ORDER.index(kind) if after else 0
    for number, steps in enumerate((_blobs, _pages, _exports)):
        if number >= begin:
            yield from steps(move, last if number == begin else "")


def _blobs(move: _Move, after: str) -> Iterator[Step]:
    while True:
        with unit_of_work(move.scope) as uow:
            batch = uow.repository(RekeyRepository).list_elsewhere(move.key.id, after=after, limit=BATCH)
        for sha256 in batch:
            yield f"{_BLOBS} {sha256}", partial(_move_blob, move, sha256)
        if len(batch) < BATCH:
            return
        after = batch[-1]


def _pages(move: _Move, after: str) -> Iterator[Step]:
    drawn_before = move.key.created_at + SETTLED
    document_id, page, kind = after.split(" ") if after else ("", "0", "")
    last = (UUID(document_id), int(page), kind) if after else None
    while True:
        with unit_of_work(move.scope) as uow:
            batch = uow.repository(RekeyRepository).list_drawn_before(drawn_before, after=last, limit=BATCH)
        for row in batch:
            last = row[:3]
            yield f"{_PAGES} {last[0]} {last[1]} {last[2]}", partial(_move_page, move, row[0], row[3])
        if len(batch) < BATCH:
            return


def _exports(move: _Move, after: str) -> Iterator[Step]:
    with unit_of_work(move.scope) as uow:
        rows = uow.repository(RekeyRepository)
        if rows.has_running_export():
            raise _ExportsRun
        exports = rows.list_exports()
    for export_id, file_id in exports:
        if str(export_id) > after:
            yield f"{_EXPORTS} {export_id}", partial(_move_export, move, path_of_export(export_id, file_id))


def _move_blob(move: _Move, sha256: str) -> bool:
    """False for one that cannot be read: it stays under its key."""
    store, organization_id = get_blob_store(), move.scope.organization_id
    with unit_of_work(move.scope) as uow:
        uow.repository(DocumentRepository).lock_bytes(sha256)  # uploads and removals of the same bytes wait
        rows = uow.repository(RekeyRepository)
        former = rows.lock_key_of(sha256)
        if former is None or former >= move.key.id:
            return True
        try:
            store.copy_to_key(organization_id, sha256, former, move.key.id)
        except UNREADABLE as error:
            log.warning("not_moved_to_key", extra={"sha256": sha256, "error": error.code})
            return False
        rows.move(sha256, move.key.id)
    store.remove_under(organization_id, sha256, former, but=move.key.id)
    return True


def _move_page(move: _Move, document_id: UUID, file_id: UUID) -> None:
    """One that cannot be read is drawn again for whoever looks."""
    with unit_of_work(move.scope) as uow:
        if uow.repository(RekeyRepository).lock_drawn(document_id, file_id):
            try:
                path = path_of_rendering(document_id, file_id)
                get_blob_store().move_made(move.scope.organization_id, path, move.key.id)
            except UNREADABLE:
                uow.repository(RenderingRepository).forget(document_id, file_id)


def _move_export(move: _Move, path: str) -> None:
    """One that was removed meanwhile may come back as a file without a row; the clean-up takes its whole folder."""
    try:
        get_blob_store().move_made(move.scope.organization_id, path, move.key.id)
    except UNREADABLE as error:
        log.warning("not_moved_to_key", extra={"path": path, "error": error.code})


def _finish(move: _Move, claim: Claim) -> None:
    """Destroys the former keys, unless something is left that names one: it came late, or cannot be read."""
    with unit_of_work(move.scope) as uow:
        late = uow.repository(RekeyRepository).list_elsewhere(move.key.id, after="", limit=BATCH)
    for sha256 in late:
        _move_blob(move, sha256)
    organization_id = str(move.scope.organization_id)
    with unit_of_work(move.scope) as uow:
        rows = uow.repository(RekeyRepository)
        former = rows.lock_former(move.key.id)
        left = rows.count_elsewhere(move.key.id)
        if left:
            record_security_event(uow, "data_key_kept", organization_id=organization_id, files_left=str(left))
        elif former:
            for key_id in former:
                get_blob_store().clear_key(move.scope.organization_id, key_id)
            rows.destroy(former)
            record_security_event(uow, "data_key_destroyed", organization_id=organization_id, keys=str(len(former)))
        finish(uow, claim)
