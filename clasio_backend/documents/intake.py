"""Documents in: one received file becomes a blob, a document, its job and its activity entry, or none of them."""

from datetime import datetime
from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.ids import new_id
from clasio_backend.core.job_queue import JobKind, enqueue
from clasio_backend.core.scope import Permission, Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.errors import DuplicateDocument, FileTooLarge
from clasio_backend.documents.file_types import FileType, detect
from clasio_backend.documents.names import clean_name
from clasio_backend.documents.processing import mark_not_scanned
from clasio_backend.documents.repository import DocumentRepository, DocumentTextRepository
from clasio_backend.documents.rows import to_row
from clasio_backend.documents.schemas import DocumentRow, IncomingFile, Source, UploadLimit
from clasio_backend.integrations.storage import KeyGone, get_blob_store, keys
from clasio_backend.models import Document
from clasio_backend.organizations.service import refuse_when_closing
from clasio_backend.security import rates
from clasio_backend.security.rate_limit import take
from clasio_backend.usage.notices import noting_refusals
from clasio_backend.usage.plans import Meter
from clasio_backend.usage.service import check_room, count


def check_upload(scope: Scope, size_bytes: int | None) -> UploadLimit:
    """Refuses before any bytes are sent what is known to be refused: too large, no room, no permission, closing, too
    many in a short time.

    Returns what to refuse while they stream: their size may be unknown, or not what was declared.
    """
    scope.require(Permission.ADD_DOCUMENTS)
    take((rates.UPLOADS.of(str(scope.organization_id)),))
    settings = get_settings()
    too_large = FileTooLarge(settings.max_file_mb)
    if size_bytes is not None and size_bytes > settings.max_file_bytes:
        raise too_large
    with noting_refusals(scope), unit_of_work(scope) as uow:
        refuse_when_closing(uow)
        room = check_room(uow, size_bytes=size_bytes or 0)
    if room.size_bytes < settings.max_file_bytes:
        return UploadLimit(room.size_bytes, room.refusal)
    return UploadLimit(settings.max_file_bytes, too_large)


def receive(
    scope: Scope,
    file: IncomingFile,
    *,
    source: Source,
    keep_duplicate: bool = False,
    received_at: datetime | None = None,
) -> DocumentRow:
    """Stores `file` and queues its reading; `received_at` is for documents that came in before they came here.

    Raises `UnsupportedFileType`, `DuplicateDocument` (unless `keep_duplicate`), `QuotaExceeded`, `OrganizationClosing`
    or `StorageError`; then there is no document. The bytes are stored first: a crash in between leaves an unused blob,
    never a document without bytes.
    """
    scope.require(Permission.ADD_DOCUMENTS)
    name = clean_name(file.name)
    file_type = detect(file.path, name)
    with unit_of_work(scope) as uow:
        refuse_when_closing(uow)
        _refuse_duplicate(uow, file.sha256, keep_duplicate=keep_duplicate)
    key_id = get_blob_store().put(scope.organization_id, file.sha256, file.path)
    with noting_refusals(scope), unit_of_work(scope) as uow:
        documents = uow.repository(DocumentRepository)
        documents.lock_bytes(file.sha256)
        refuse_when_closing(uow)
        _refuse_duplicate(uow, file.sha256, keep_duplicate=keep_duplicate)
        _add_blob(uow, file, key_id)
        document_id = _add_document(uow, file, name, file_type, source, received_at or now())
        count(uow, {Meter.DOCUMENTS: 1, Meter.STORAGE_BYTES: file.size_bytes})
        return to_row(documents.get_listed(document_id))


def _add_blob(uow: UnitOfWork, file: IncomingFile, key_id: UUID) -> None:
    """The row of bytes that were stored under `key_id`; the lock of these bytes is ours from here on.

    A purge may have removed them since, or the key may be gone: they are stored again. Where they are here already,
    under another key, only those that have a row stay.
    """
    store, organization_id = get_blob_store(), uow.scope.organization_id
    try:
        keys.hold(uow, key_id)
    except KeyGone:
        key_id = store.put(organization_id, file.sha256, file.path)
        keys.hold(uow, key_id)
    documents = uow.repository(DocumentRepository)
    if documents.add_blob(file.sha256, file.size_bytes, key_id=key_id):
        if not store.has(organization_id, file.sha256, key_id=key_id):
            store.put(organization_id, file.sha256, file.path, key_id=key_id)
    elif (kept := documents.find_key_of_blob(file.sha256)) not in {None, key_id}:
        store.remove_under(organization_id, file.sha256, key_id, but=kept)


def _add_document(  # noqa: PLR0913, PLR0917  # the columns of one row
    uow: UnitOfWork, file: IncomingFile, name: str, file_type: FileType, source: Source, received_at: datetime
) -> UUID:
    document = Document(
        organization_id=uow.scope.organization_id,
        id=new_id(),
        name=name,
        mime_type=file_type.mime_type,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        source=source,
        uploaded_by=uow.scope.user_id,
        token_id=uow.scope.token_id,
        created_at=received_at,
    )
    if not get_settings().scans:
        mark_not_scanned(document)
    uow.repository(DocumentRepository).add(document)
    uow.repository(DocumentTextRepository).add_name(document.id, name)
    enqueue(
        uow,
        JobKind.READ_DOCUMENT,
        str(document.id),
        payload={"document_id": str(document.id)},
        document_id=document.id,
    )
    record(uow, Action.DOCUMENT_UPLOADED, "document", document.id, name=name, source=source)
    uow.notify("document", document.id)
    return document.id


def _refuse_duplicate(uow: UnitOfWork, sha256: str, *, keep_duplicate: bool) -> None:
    if keep_duplicate:
        return
    same = uow.repository(DocumentRepository).find_same_bytes(sha256)
    if same is not None:
        raise DuplicateDocument(same.id, same.name)
