"""Many documents as one ZIP file, streamed: constant memory, however many and however large they are."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from uuid import UUID

from pathvalidate import sanitize_filename
from zipstream import ZipStream

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.clock import now
from clasio_backend.core.scope import Permission, Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.errors import NothingToDownload, TooManyToDownload
from clasio_backend.documents.opening import is_open
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.documents.schemas import ArchiveMember, ArchiveQuery
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.security import rates
from clasio_backend.security.rate_limit import take

MAX_DOCUMENTS = 10_000


def plan_archive(uow: UnitOfWork, query: ArchiveQuery) -> list[ArchiveMember]:
    """What the file will hold, what is not open left out; counts as opened.

    Raises `NothingToDownload`, `TooManyRequests`, or `TooManyToDownload` above 10,000 documents.
    """
    uow.scope.require(Permission.READ_DOCUMENTS, "document")
    take((rates.LARGE_DOWNLOADS.of(str(uow.scope.user_id)),))
    documents = uow.repository(DocumentRepository)
    found = documents.list_for_archive(query, limit=MAX_DOCUMENTS + 1)
    if not found:
        raise NothingToDownload
    if len(found) > MAX_DOCUMENTS:
        raise TooManyToDownload(MAX_DOCUMENTS)
    documents.touch_all([document_id for document_id, _, _, _ in found], now())
    record(uow, Action.DOCUMENTS_DOWNLOADED, "document", None, documents=len(found))
    names = unique_names(name for _, name, _, _ in found)
    return [
        ArchiveMember(document_id, name, sha256, size_bytes)
        for name, (document_id, _, sha256, size_bytes) in zip(names, found, strict=True)
    ]


def stream_archive(scope: Scope, members: Iterable[ArchiveMember]) -> Iterator[bytes]:
    """The ZIP file in pieces. Stored, not deflated: most formats are compressed already.

    What has been closed or purged since it was planned, which can be an hour ago, is left out.
    """
    store, archive, organization_id = get_blob_store(), ZipStream(), scope.organization_id
    for member in members:
        if not _is_open_still(scope, member.document_id):
            continue
        archive.add(store.stream(organization_id, member.sha256), member.name, size=member.size_bytes)
        yield from archive.all_files()
    yield from archive.finalize()


def _is_open_still(scope: Scope, document_id: UUID) -> bool:
    with unit_of_work(scope) as uow:
        document = uow.repository(DocumentRepository).find(document_id)
        return document is not None and is_open(document)


def unique_names(names: Iterable[str]) -> Iterator[str]:
    """Names that every system can unpack, side by side: no path, no reserved word, none twice in any letter case."""
    taken: set[str] = set()
    for name in names:
        safe = sanitize_filename(name, platform="universal", replacement_text="_") or "document"
        path, number, unique = PurePosixPath(safe), 2, safe
        while unique.casefold() in taken:
            unique, number = f"{path.stem} ({number}){path.suffix}", number + 1
        taken.add(unique.casefold())
        yield unique
