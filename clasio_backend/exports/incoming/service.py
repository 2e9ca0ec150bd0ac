"""Brings the export of an organization into a new organization: all of it, or nothing that anybody could see.

The file is read twice: once to check everything, once to write. The new organization counts as deleted until the last
step, which makes its people, says who added what, queues what is left to do and shows it.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import QuotaExceeded
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import Scope, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.opening import is_open
from clasio_backend.documents.repository import DocumentRepository, DocumentTextRepository
from clasio_backend.exports.errors import BadArchive, ImportTakenAway, TooMuchForPlan
from clasio_backend.exports.incoming.archive import IncomingArchive, open_archive
from clasio_backend.exports.incoming.checking import Checked, check, has_bytes
from clasio_backend.exports.incoming.finishing import finish_import, owners_of
from clasio_backend.exports.incoming.repository import ImportRepository
from clasio_backend.exports.lines import AnalysisLine, DocumentLine, TextLine
from clasio_backend.exports.schemas import Imported
from clasio_backend.integrations.storage import get_blob_store, keys
from clasio_backend.models import Analysis, Category, Document, Import, Organization
from clasio_backend.models.documents import Scan
from clasio_backend.organizations.repository import CategoryRepository, OrganizationRepository
from clasio_backend.usage.plans import Meter
from clasio_backend.usage.service import check_room, count

BATCH = 50
Tell = Callable[[str], None]
"""Gets a sentence on how far the import is."""
T = TypeVar("T")


def import_organization(path: Path, *, name: str | None, owner_email: str | None, tell: Tell) -> Imported:
    """The organization in the export at `path`, as a new one of this instance.

    People are found by e-mail address or made without a password; `owner_email` becomes an owner in any case. Raises
    `BadArchive`, `NewerArchive`, `NoOwner`, `TooMuchForPlan` or `StorageError`; then nothing is left of it.
    """
    with open_archive(path) as archive:
        tell("Checking the file.")
        checked = check(archive)
        owners_of(checked, owner_email)
        scope = system_scope(new_id(), "import")
        try:
            _create(scope, archive, checked, name)
            _write(scope, archive, checked, tell)
            return finish_import(scope, archive, checked, owner_email)
        except BaseException:  # also Ctrl-C
            tell("It did not work. Clearing away.")
            remove_unfinished(scope)
            raise


def remove_unfinished(scope: Scope) -> None:
    """Removes an organization whose import has not ended; one that has ended stays. Twice is once."""
    with unit_of_work(scope) as uow:
        if not uow.repository(ImportRepository).abandon(now()):
            return
    get_blob_store().remove_all(scope.organization_id)
    with unit_of_work(scope) as uow:
        uow.repository(ImportRepository).delete_organization()


def _create(scope: Scope, archive: IncomingArchive, checked: Checked, name: str | None) -> None:
    settings = checked.organization
    with unit_of_work(scope) as uow:
        uow.repository(OrganizationRepository).add(
            Organization(
                id=scope.organization_id,
                name=name or settings.name,
                plan=get_settings().plan_of_new_organizations,
                analysis_mode=settings.analysis_mode,
                local_only=settings.local_only,
                max_share_days=settings.max_share_days,
                created_at=settings.created_at,
                deleted_at=now(),
            )
        )
        uow.repository(ImportRepository).add(
            Import(organization_id=scope.organization_id, from_organization_id=archive.manifest.organization_id)
        )
        try:
            check_room(uow, documents=checked.metered_documents, size_bytes=checked.metered_bytes)
        except QuotaExceeded as error:
            raise TooMuchForPlan(error.plan, checked.metered_documents, checked.metered_bytes) from error
        categories = uow.repository(CategoryRepository)
        for line in checked.categories.values():
            categories.add(Category(organization_id=scope.organization_id, **line.model_dump()))


def _write(scope: Scope, archive: IncomingArchive, checked: Checked, tell: Tell) -> None:
    total, done = len(checked.documents), 0
    brought: set[UUID] = set()
    with tempfile.TemporaryDirectory(prefix="clasio-import-") as folder:
        for batch in _batches(archive.lines("documents.jsonl", DocumentLine)):
            lines = [line for line in batch if has_bytes(archive, line)]
            stored = {line.sha256: _store(scope, archive, line, Path(folder) / "document") for line in lines}
            with _step(scope) as uow:
                _add_documents(uow, lines, checked, stored)
            brought |= {line.id for line in lines}
            done += len(batch)
            tell(f"{done:,} of {total:,} documents")
    tell("Making them findable.")
    for texts in _batches(archive.lines("texts.jsonl", TextLine)):
        with _step(scope) as uow:
            _add_texts(uow, [line for line in texts if line.document_id in brought])
    for analyses in _batches(archive.lines("analyses.jsonl", AnalysisLine)):
        with _step(scope) as uow:
            uow.repository(ImportRepository).add_all(
                Analysis(organization_id=scope.organization_id, **line.model_dump())
                for line in analyses
                if line.document_id in brought
            )


@contextmanager
def _step(scope: Scope) -> Iterator[UnitOfWork]:
    """A transaction of the import, which also says that the import lives; raises `ImportTakenAway`."""
    with unit_of_work(scope) as uow:
        if not uow.repository(ImportRepository).show_life(now()):
            raise ImportTakenAway
        yield uow


def _store(scope: Scope, archive: IncomingArchive, line: DocumentLine, path: Path) -> UUID:
    """Puts a document's bytes into the store; they are hashed again on the way, so what is stored is what is named.

    Returns the id of the key that they are encrypted with.
    """
    hashed = hashlib.sha256()
    with path.open("wb") as file:
        for piece in archive.pieces(line.file or ""):
            hashed.update(piece)
            file.write(piece)
    if hashed.hexdigest() != line.sha256:
        raise BadArchive(f"{line.file} changed while it was imported. Import it again.")
    return get_blob_store().put(scope.organization_id, line.sha256, path)


def _add_documents(uow: UnitOfWork, lines: list[DocumentLine], checked: Checked, stored: Mapping[str, UUID]) -> None:
    """The documents of a batch, with names and values findable; nobody has added them yet."""
    organization_id = uow.scope.organization_id
    documents, texts = uow.repository(DocumentRepository), uow.repository(DocumentTextRepository)
    for key_id in set(stored.values()):
        keys.hold(uow, key_id)
    for line in lines:
        documents.add_blob(line.sha256, line.size_bytes, key_id=stored[line.sha256])
    decided_here = {"file", "uploaded_by", "deleted_by", "scan", "scanned_at"}
    uow.repository(ImportRepository).add_all(
        Document(organization_id=organization_id, **line.model_dump(exclude=decided_here), **_verdict(line))
        for line in lines
    )
    for line in lines:
        texts.add_name(line.id, line.name)
        if get_settings().scans:  # only the name, before the verdict
            continue
        category = checked.categories[line.category_id].name if line.category_id else None
        if labels := _labels(category, line):
            texts.set_labels(line.id, name=line.name, values=labels)
    kept = [line for line in lines if line.deleted_at is None]
    if kept:
        count(uow, {Meter.DOCUMENTS: len(kept), Meter.STORAGE_BYTES: sum(line.size_bytes for line in kept)})


def _verdict(line: DocumentLine) -> dict[str, Any]:
    """Nothing that a file says of a scan counts here: every document is scanned again, or marked as not scanned."""
    if get_settings().scans:
        return {"scan": Scan.PENDING, "scanned_at": None}
    return {"scan": Scan.NOT_SCANNED, "scanned_at": line.scanned_at or now()}


def _add_texts(uow: UnitOfWork, lines: list[TextLine]) -> None:
    listed = uow.repository(DocumentRepository).list_by_ids([line.document_id for line in lines])
    texts = uow.repository(DocumentTextRepository)
    for line in lines:
        document, category, _ = listed[line.document_id]
        if not is_open(document):
            texts.keep_text(document.id, line.text, is_truncated=line.is_truncated)
            continue
        values = _labels(category, document)
        texts.set_text(document.id, line.text, is_truncated=line.is_truncated, name=document.name, values=values)


def _labels(category: str | None, document: Document | DocumentLine) -> list[str]:
    """The same as `documents.service.index_labels` makes findable."""
    values = [category, document.document_type, document.summary, *document.parties]
    return [value for value in values if value]


def _batches(lines: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(lines)
    while batch := list(islice(remaining, BATCH)):
        yield batch
