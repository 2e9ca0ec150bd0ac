"""The job that makes an export. Claim, work, record; after a killed worker it starts anew.

Each attempt writes a file of its own, named by its lease, so a worker that lost its job can neither change nor replace
the file that counts. Which one that is, is written in the transaction that ends the job.
"""

from dataclasses import dataclass
from uuid import UUID

from clasio_backend.accounts.repository import MembershipRepository, UserRepository
from clasio_backend.activity.actions import Action
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ClasioError
from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import finish, note_progress
from clasio_backend.core.scope import PERMISSIONS, Permission, Role, Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.exports.archive import ExportArchive
from clasio_backend.exports.collecting import Collector
from clasio_backend.exports.errors import NoLongerAllowed
from clasio_backend.exports.repository import ExportRepository
from clasio_backend.exports.service import KEPT_FOR, SUBJECTS, folder_of, note, path_of
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.mail.service import queue_mail
from clasio_backend.models import Export
from clasio_backend.models.exports import ExportKind, ExportState
from clasio_backend.organizations.repository import OrganizationRepository

WORKING = frozenset({ExportState.QUEUED, ExportState.RUNNING})


@dataclass(frozen=True, slots=True)
class _Wanted:
    person: UUID | None
    """None for the organization."""


def make_export(scope: Scope, claim: Claim, export_id: UUID) -> None:
    """Writes the file and makes it the export's; raises `NoLongerAllowed`, `StorageError` or `LostLease`."""
    with unit_of_work(scope) as uow:
        wanted = _begin(uow, export_id)
        if wanted is None:
            finish(uow, claim)
            return
    _remove_rests(scope, claim, export_id)
    store = get_blob_store()
    collector = Collector(scope, wanted.person)
    archive = ExportArchive(scope, collector, lambda done, total: _report(scope, claim, export_id, done, total))
    path = path_of(export_id, claim.lease_token)
    about = collector.extent.size_bytes
    store.write_made(scope.organization_id, path, archive.pieces(), about_bytes=about)
    try:
        with unit_of_work(scope) as uow:
            _settle(uow, export_id, claim.lease_token, archive)
            finish(uow, claim)
    except ClasioError:  # surely not written; whatever else happens, the file may count already
        store.remove_made(scope.organization_id, path)
        raise
    store.clear_made(scope.organization_id, folder_of(export_id), keep=path)


def settle_failed(uow: UnitOfWork, export_id: UUID, message: str) -> None:
    """When the job ended without success: the person sees why, and may start another."""
    export = uow.repository(ExportRepository).find(export_id)
    if export is None or export.state not in WORKING:
        return
    export.state, export.error = ExportState.FAILED, message[:500]
    export.finished_at, export.expires_at = now(), now() + KEPT_FOR
    uow.flush()
    uow.notify("export", export_id)


def remove_files(scope: Scope, claim: Claim, export_id: UUID) -> None:
    """The job: removes what was written for an export that somebody removed."""
    get_blob_store().clear_made(scope.organization_id, folder_of(export_id))
    with unit_of_work(scope) as uow:
        finish(uow, claim)


def _remove_rests(scope: Scope, claim: Claim, export_id: UUID) -> None:
    """Removes what earlier attempts left: what was there before it is sure that the job is ours, so nothing newer."""
    store = get_blob_store()
    rests = store.list_made(scope.organization_id, folder_of(export_id))
    if rests:
        with unit_of_work(scope) as uow:
            note_progress(uow, claim, done=0, total=0)
    for name in rests:
        store.remove_made(scope.organization_id, name)


def _begin(uow: UnitOfWork, export_id: UUID) -> _Wanted | None:
    """What is to be made; None when nothing is, because it is made already or was removed."""
    export = uow.repository(ExportRepository).find(export_id)
    if export is None or export.state not in WORKING:
        return None
    _refuse_unless_allowed(uow, export)
    export.state = ExportState.RUNNING
    uow.flush()
    uow.notify("export", export_id)
    return _Wanted(export.requested_by if export.kind == ExportKind.PERSON else None)


def _refuse_unless_allowed(uow: UnitOfWork, export: Export) -> None:
    membership = uow.repository(MembershipRepository).find_active(export.requested_by)
    needed = Permission.EXPORT_OWN_DATA if export.kind == ExportKind.PERSON else Permission.EXPORT_ORGANIZATION
    if membership is None or needed not in PERMISSIONS[Role(membership.role)]:
        raise NoLongerAllowed


def _report(scope: Scope, claim: Claim, export_id: UUID, done: int, total: int) -> None:
    with unit_of_work(scope) as uow:
        export = uow.repository(ExportRepository).get_for_update(export_id)  # locked in the order of `remove_export`
        note_progress(uow, claim, done=done, total=total)
        export.done, export.total = done, total
        uow.flush()
        uow.notify("export", export_id)


def _settle(uow: UnitOfWork, export_id: UUID, file_id: UUID, archive: ExportArchive) -> None:
    export = uow.repository(ExportRepository).get_for_update(export_id)
    _refuse_unless_allowed(uow, export)
    export.state, export.file_id = ExportState.READY, file_id
    export.size_bytes, export.sha256 = archive.size_bytes, archive.sha256
    export.left_out, export.done = archive.left_out, archive.documents
    export.finished_at = now()
    export.expires_at = export.finished_at + KEPT_FOR
    uow.flush()
    note(uow, Action.EXPORT_MADE, export)
    user = uow.repository(UserRepository).get(export.requested_by)
    if user is not None:
        queue_mail(
            uow,
            user.email,
            "export_ready",
            what="your data" if export.kind == ExportKind.PERSON else SUBJECTS[ExportKind.ORGANIZATION],
            organization=uow.repository(OrganizationRepository).get().name,
            link=f"{get_settings().base_url}/settings",
            until=f"{export.expires_at:%d %B %Y, %H:%M} UTC",
        )
