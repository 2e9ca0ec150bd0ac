"""Documents at hand: list, show, edit, download, try again."""

from collections.abc import Iterator
from itertools import chain
from typing import Any
from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.clock import now
from clasio_backend.core.cursors import encode_cursor
from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, JobRepository, enqueue
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.earlier import HUMAN, remember
from clasio_backend.documents.errors import DocumentNotFound, NothingToRetry
from clasio_backend.documents.opening import is_open, require_open
from clasio_backend.documents.repository import DocumentRepository, DocumentTextRepository
from clasio_backend.documents.rows import error_of, to_detail, to_row
from clasio_backend.documents.schemas import (
    Content,
    DocumentChange,
    DocumentCounts,
    DocumentDetail,
    DocumentPage,
    DocumentQuery,
    DocumentRow,
    DocumentState,
    DocumentTextRow,
    Sort,
)
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.models import Document
from clasio_backend.models.documents import Outcome, Stage
from clasio_backend.organizations.repository import CategoryRepository
from clasio_backend.usage.plans import Meter
from clasio_backend.usage.service import read_usage

NOT_VALUES = {"name", "never_send"}
"""What a person can change of a document that no analysis says."""


def list_documents(uow: UnitOfWork, query: DocumentQuery) -> DocumentPage:
    """One page of the organization's documents, trash left out."""
    uow.scope.require(Permission.READ_DOCUMENTS)
    listed = uow.repository(DocumentRepository).list_page(query)
    page, more = listed[: query.limit], len(listed) > query.limit
    cursor = encode_cursor(_sort_value(page[-1][0], query.sort), page[-1][0].id) if more else None
    return DocumentPage(tuple(to_row(row) for row in page), cursor)


def _sort_value(document: Document, sort: Sort) -> Any:
    if sort in {Sort.NEWEST, Sort.OLDEST}:
        return document.created_at
    return document.size_bytes if sort in {Sort.LARGEST, Sort.SMALLEST} else document.name.lower()


def get_document(uow: UnitOfWork, document_id: UUID) -> DocumentDetail:
    """Everything about one document, in the trash or not; raises `DocumentNotFound`."""
    uow.scope.require(Permission.READ_DOCUMENTS, "document")
    listed = uow.repository(DocumentRepository).get_listed(document_id)
    is_waiting = listed[0].outcome == Outcome.PENDING and uow.scope.share_id is None
    return to_detail(listed, waiting=_why_waiting(uow, document_id) if is_waiting else None)


def read_state(uow: UnitOfWork, document_id: UUID) -> DocumentState:
    """How far a document is, for whoever may read it; an API token that may only add documents sees this of those
    that it brought itself: what else its member adds is none of a scanner's business.

    Raises `DocumentNotFound`.
    """
    document, _, _ = uow.repository(DocumentRepository).get_listed(document_id)
    if not uow.scope.may(Permission.READ_DOCUMENTS):
        uow.scope.require(Permission.ADD_DOCUMENTS, "document")
        if uow.scope.token_id is None or document.token_id != uow.scope.token_id:
            raise DocumentNotFound
    waiting = _why_waiting(uow, document_id) if document.outcome == Outcome.PENDING else None
    return DocumentState(document.id, Stage(document.stage), Outcome(document.outcome), error_of(document), waiting)


def _why_waiting(uow: UnitOfWork, document_id: UUID) -> str | None:
    """Why the next step has not begun, in words; None while it is under way."""
    jobs = uow.repository(JobRepository)
    job = jobs.find_queued_of_document(document_id)
    if job is None:
        return None
    if jobs.is_paused(job.queue):
        return "Waits: the operator has paused this kind of work. It goes on by itself."
    if job.attempts:
        return f"Try {job.attempts} of {job.max_attempts} did not work. The next follows by itself."
    return "Waits for its turn."


def get_text(uow: UnitOfWork, document_id: UUID) -> DocumentTextRow:
    """The text that was read; empty while it has not been. Raises as `require_open`."""
    uow.scope.require(Permission.READ_DOCUMENTS, "document")
    require_open(uow.repository(DocumentRepository).get(document_id), uow.scope)
    row = uow.repository(DocumentTextRepository).find_text(document_id)
    return DocumentTextRow(row.text, row.is_truncated) if row else DocumentTextRow("", is_truncated=False)


def count_documents(uow: UnitOfWork) -> DocumentCounts:
    """How many documents there are, and how many want attention."""
    unsettled = uow.repository(DocumentRepository).count_unsettled()
    total = next(meter.used for meter in read_usage(uow).meters if meter.meter == Meter.DOCUMENTS)
    return DocumentCounts(
        total=total,
        pending=unsettled.get(Outcome.PENDING, 0),
        failed=unsettled.get(Outcome.FAILED, 0),
        unreadable=unsettled.get(Outcome.UNREADABLE, 0),
        infected=unsettled.get(Outcome.INFECTED, 0),
    )


def change_document(uow: UnitOfWork, document_id: UUID, change: DocumentChange) -> DocumentDetail:
    """Writes a person's edit; every value set here is marked human and no analysis overwrites it."""
    uow.scope.require(Permission.EDIT_DOCUMENTS, "document")
    if "never_send" in change.model_fields_set:  # not for those whom a share lets edit
        uow.scope.require(Permission.ANALYSE_DOCUMENTS, "document")
    documents = uow.repository(DocumentRepository)
    document = documents.get_for_update(document_id)
    for field in sorted(change.model_fields_set):
        if field not in NOT_VALUES:
            remember(document, field)
            document.value_sources = document.value_sources | {field: HUMAN}
        _set_value(uow, document, field, getattr(change, field))
    document.updated_at = now()
    uow.flush()
    index_labels(uow, document)
    record(
        uow,
        Action.DOCUMENT_CHANGED,
        "document",
        document.id,
        name=document.name,
        fields=sorted(change.model_fields_set),
    )
    uow.notify("document", document.id)
    return get_document(uow, document.id)


def _set_value(uow: UnitOfWork, document: Document, field: str, value: Any) -> None:
    if field == "category":
        document.category_id = _category_id(uow, value)
    elif field in NOT_VALUES:
        if value is not None:
            setattr(document, field, value)
    else:
        setattr(document, field, value or None)


def _category_id(uow: UnitOfWork, name: str | None) -> UUID | None:
    if not name:
        return None
    category = uow.repository(CategoryRepository).find_for_use(name)
    if category is None or category.archived_at is not None:
        raise ValidationFailed(
            f"There is no category “{name}”. Choose one from the list.", {"category": "not in the list"}
        )
    return category.id


def index_labels(uow: UnitOfWork, document: Document) -> None:
    """Makes the present name and values findable."""
    category = None
    if document.category_id is not None:
        category = uow.repository(CategoryRepository).get(document.category_id).name
    labels = labels_of(category, document)
    uow.repository(DocumentTextRepository).set_labels(document.id, name=document.name, values=labels)


def labels_of(category: str | None, document: Document) -> list[str]:
    """What of a document's values is findable, beside its name and its text: nothing while it is closed."""
    if not is_open(document):
        return []
    values = [category, document.document_type, document.summary, *document.parties]
    return [value for value in values if value]


def retry_document(uow: UnitOfWork, document_id: UUID) -> DocumentRow:
    """Queues the step again at which a document failed; raises `NothingToRetry` when it did not fail."""
    uow.scope.require(Permission.ANALYSE_DOCUMENTS, "document")
    documents = uow.repository(DocumentRepository)
    document = documents.get_for_update(document_id)
    if document.outcome not in {Outcome.FAILED, Outcome.UNREADABLE} or document.deleted_at is not None:
        raise NothingToRetry
    has_text = document.searchable_at is not None
    kind = JobKind.ANALYSE_DOCUMENT if has_text and is_open(document) else JobKind.READ_DOCUMENT
    document.outcome = Outcome.PENDING
    document.error_code = document.error_message = None
    if not has_text:
        document.stage = Stage.RECEIVED
    uow.flush()
    enqueue(
        uow,
        kind,
        f"{document.id} {new_id()}",
        payload={"document_id": str(document.id), "mode": "fast"},
        document_id=document.id,
    )
    record(uow, Action.DOCUMENT_RETRIED, "document", document.id, name=document.name)
    uow.notify("document", document.id)
    return to_row(documents.get_listed(document_id))


def open_content(uow: UnitOfWork, document_id: UUID) -> Content:
    """What a download needs; counts as opened. The bytes come from `stream_content`, after this step.

    Raises as `require_open`.
    """
    uow.scope.require(Permission.READ_DOCUMENTS, "document")
    documents = uow.repository(DocumentRepository)
    document = documents.get(document_id)
    require_open(document, uow.scope)
    documents.touch(document.id, now())
    record(uow, Action.DOCUMENT_DOWNLOADED, "document", document.id, name=document.name)
    return Content(
        name=document.name,
        mime_type=document.mime_type,
        size_bytes=document.size_bytes,
        sha256=document.sha256,
        organization_id=document.organization_id,
    )


def stream_content(content: Content) -> Iterator[bytes]:
    """The bytes in pieces; raises `StorageError` now, and not in the middle of an answer, when they are not there."""
    pieces = get_blob_store().stream(content.organization_id, content.sha256)
    return chain([next(pieces, b"")], pieces)
