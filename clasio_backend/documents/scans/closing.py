"""What goes with a document that goes into quarantine: all that was made of its bytes, and all that has them.

A file is mostly caught before it is read, and there is nothing yet. One that is scanned later was open until now: its
text, its words in the search, the pictures of its pages, exports with its bytes, and work on it that is under way. What
an analysis said of it stays with the document behind the gate (`documents.opening`), for the day an owner releases it.
Shares need nothing: they ask the gate at each visit, and are open again after a release.
"""

from datetime import timedelta

from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, cancel_job, enqueue
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.renderings.repository import RenderingRepository
from clasio_backend.documents.repository import DocumentTextRepository
from clasio_backend.documents.scans.repository import HoldingExportRepository
from clasio_backend.models import Document

WITHDRAWN = "A file in this export has been put into quarantine since it was started. Start another export without it."
TOLD_FOR = timedelta(days=7)
"""How long an export says why it is gone."""


def close_document(uow: UnitOfWork, document: Document) -> None:
    """In the transaction that writes the verdict; jobs of the document are the caller's, who may be one of them."""
    document.read_at = document.searchable_at = document.analysed_at = document.page_count = None
    uow.repository(DocumentTextRepository).forget(document.id, name=document.name)
    if uow.repository(RenderingRepository).remove_all(document.id):
        enqueue(uow, JobKind.REMOVE_PAGES, new_id().hex, payload={"document_id": str(document.id)})
    holding = uow.repository(HoldingExportRepository)
    for export_id, job_id in holding.withdraw(document, reason=WITHDRAWN, kept_for=TOLD_FOR):
        if job_id is not None:
            cancel_job(uow, job_id)
        enqueue(uow, JobKind.REMOVE_EXPORT, f"{export_id} withdrawn", payload={"export_id": str(export_id)})
        uow.notify("export", export_id)
