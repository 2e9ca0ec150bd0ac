"""What has had its day: files of expired exports, and organizations whose import never ended.

First what lies in the store goes, then the row that names it: a crash in between repeats the first step and loses
nothing.
"""

from datetime import timedelta

from clasio_backend.core import gateway
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.exports.incoming.service import remove_unfinished
from clasio_backend.exports.repository import ExportRepository
from clasio_backend.exports.service import folder_of
from clasio_backend.integrations.storage import get_blob_store

BATCH = 100
MAX_BATCHES = 100
SILENT_FOR = timedelta(hours=1)


def clean_up() -> None:
    """The scheduled job, in bounded batches; what is left over waits for the next hour."""
    for _ in range(MAX_BATCHES):
        if remove_expired() + remove_silent_imports() == 0:
            return


def remove_expired() -> int:
    """Removes a batch of exports that nobody can open any more; returns how many."""
    found = gateway.exports_to_remove(BATCH)
    for organization_id, export_id in found:
        get_blob_store().clear_made(organization_id, folder_of(export_id))
        with unit_of_work(system_scope(organization_id, "export expired")) as uow:
            exports = uow.repository(ExportRepository)
            export = exports.find(export_id)
            if export is not None:
                exports.delete(export)
    return len(found)


def remove_silent_imports() -> int:
    """Removes a batch of organizations whose import stopped half-way an hour ago; returns how many."""
    found = gateway.unfinished_imports(SILENT_FOR, BATCH)
    for organization_id in found:
        remove_unfinished(system_scope(organization_id, "import stopped half-way"))
    return len(found)
