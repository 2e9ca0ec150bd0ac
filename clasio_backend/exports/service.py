"""Exports as people see them: ask for one, follow it, download it for seven days, remove it."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import cast
from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.clock import now
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, cancel_job, enqueue
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.exports.errors import ExportNotFound, NotReadyYet
from clasio_backend.exports.repository import ExportRepository, Listed
from clasio_backend.exports.schemas import ExportContent, ExportRow, KindName, NewExport
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.models import Export
from clasio_backend.models.exports import ExportKind, ExportState
from clasio_backend.security import rates
from clasio_backend.security.rate_limit import take

KEPT_FOR = timedelta(days=7)
REMOVED_KEPT_FOR = timedelta(days=1)
"""A worker that lost its job may still be writing when the export is removed; a day later nothing is."""
MAX_LISTED = 50
SUBJECTS = {ExportKind.ORGANIZATION: "the organization", ExportKind.PERSON: "personal data"}


def request_export(uow: UnitOfWork, wanted: NewExport) -> ExportRow:
    """Queues an export; raises `ExportRunning` while one of this kind is being made for the caller, and
    `TooManyRequests`.

    Everybody may export what is theirs, owners the organization.
    """
    user_id = _person(uow)
    kind = ExportKind(wanted.kind)
    if kind == ExportKind.ORGANIZATION:
        uow.scope.require(Permission.EXPORT_ORGANIZATION, "export")
    take((rates.EXPORTS.of(str(user_id)),))
    exports = uow.repository(ExportRepository)
    export = exports.add_only(
        Export(organization_id=uow.scope.organization_id, id=new_id(), kind=kind, requested_by=user_id)
    )
    export.job_id = enqueue(uow, JobKind.MAKE_EXPORT, str(export.id), payload={"export_id": str(export.id)})
    uow.flush()
    note(uow, Action.EXPORT_STARTED, export)
    return get_export(uow, export.id)


def list_exports(uow: UnitOfWork) -> list[ExportRow]:
    """The caller's exports and, for owners, all of the organization; newest first."""
    listed = uow.repository(ExportRepository).list_visible(
        _person(uow), with_organization=_sees_all(uow), limit=MAX_LISTED
    )
    return [_row(one) for one in listed]


def get_export(uow: UnitOfWork, export_id: UUID) -> ExportRow:
    """Raises `ExportNotFound`, also for one that has expired or is somebody else's."""
    return _row(_get(uow, export_id))


def remove_export(uow: UnitOfWork, export_id: UUID) -> None:
    """Cancels an export that is being made, or removes a finished one; its file is gone for everybody at once."""
    export, _ = _get(uow, export_id, lock=True)
    if export.job_id is not None:
        cancel_job(uow, export.job_id)
    export.state, export.expires_at = ExportState.REMOVED, now() + REMOVED_KEPT_FOR
    uow.flush()
    enqueue(uow, JobKind.REMOVE_EXPORT, str(export.id), payload={"export_id": str(export.id)})
    note(uow, Action.EXPORT_REMOVED, export)


def open_export(uow: UnitOfWork, export_id: UUID) -> ExportContent:
    """What a download needs; the bytes come from `stream_export`.

    Raises `NotReadyYet` while it is being made, or `TooManyRequests`.
    """
    export, _ = _get(uow, export_id)
    take((rates.LARGE_DOWNLOADS.of(str(_person(uow))),))
    if export.state != ExportState.READY or export.file_id is None or export.size_bytes is None:
        raise NotReadyYet
    note(uow, Action.EXPORT_DOWNLOADED, export)
    whose = "organization" if export.kind == ExportKind.ORGANIZATION else "own data"
    return ExportContent(
        organization_id=export.organization_id,
        path=path_of(export.id, export.file_id),
        name=f"clasio export of {whose} {export.created_at:%Y-%m-%d}.zip",
        size_bytes=export.size_bytes,
    )


def stream_export(content: ExportContent) -> Iterator[bytes]:
    """The file in pieces; raises `StorageError` now, and not in the middle of an answer, when it is not there."""
    pieces = get_blob_store().stream_made(content.organization_id, content.path)
    return chain([next(pieces, b"")], pieces)


def folder_of(export_id: UUID) -> str:
    """Where the store keeps all that was ever written for an export."""
    return f"exports/{export_id}"


def path_of(export_id: UUID, file_id: UUID) -> str:
    return f"{folder_of(export_id)}/{file_id}"


def note(uow: UnitOfWork, action: Action, export: Export) -> None:
    """Writes an activity entry about an export, and tells open pages."""
    record(uow, action, "export", export.id, name=SUBJECTS[ExportKind(export.kind)])
    uow.notify("export", export.id)


def _get(uow: UnitOfWork, export_id: UUID, *, lock: bool = False) -> Listed:
    exports = uow.repository(ExportRepository)
    return exports.get_visible(export_id, _person(uow), with_organization=_sees_all(uow), lock=lock)


def _person(uow: UnitOfWork) -> UUID:
    uow.scope.require(Permission.EXPORT_OWN_DATA, "export")
    if uow.scope.user_id is None:
        raise ExportNotFound
    return uow.scope.user_id


def _sees_all(uow: UnitOfWork) -> bool:
    return uow.scope.may(Permission.EXPORT_ORGANIZATION)


def _row(listed: Listed) -> ExportRow:
    export, name = listed
    return ExportRow(
        id=export.id,
        kind=cast("KindName", export.kind),
        state=export.state,
        requested_by=name,
        done=export.done,
        total=export.total,
        left_out=export.left_out,
        size_bytes=export.size_bytes,
        sha256=export.sha256,
        error=export.error,
        created_at=export.created_at,
        finished_at=export.finished_at,
        expires_at=export.expires_at,
        job_id=export.job_id,
    )
