import asyncio
import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from clasio_backend.activity.schemas import ActivityRow
from clasio_backend.activity.service import list_of_document
from clasio_backend.analysis.analyzer import Mode
from clasio_backend.analysis.service import request_analysis
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ClasioError
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents import archive, intake, rescans, service, trash, values
from clasio_backend.documents.bulk import each
from clasio_backend.documents.pages import PageSize, PageSource, open_outline, open_page, open_words, rendering_of
from clasio_backend.documents.schemas import (
    ArchiveQuery,
    BulkRequest,
    BulkResult,
    DocumentChange,
    DocumentDetail,
    DocumentFilter,
    DocumentPage,
    DocumentQuery,
    DocumentRow,
    DocumentState,
    DocumentTextRow,
    Source,
    ValueChoice,
)
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.api_v1.jobs import JobOut, job_out
from clasio_backend.http.callers import Caller, bearer_token, current_scope
from clasio_backend.http.downloads import as_download
from clasio_backend.http.pictures import as_kept, is_known
from clasio_backend.http.uploads import declared_size, received_file
from clasio_backend.search.hits import with_hits
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents

router = APIRouter(prefix="/documents", tags=["documents"])
archive_router = APIRouter(tags=["documents"])

UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@router.post("", status_code=201, responses=problems(400, 402, 403, 409, 413, 415, 507), openapi_extra=UPLOAD_BODY)
async def upload(request: Request, duplicates: Annotated[Literal["refuse", "keep"], Query()] = "refuse") -> DocumentRow:
    """Stores one file, streamed. `duplicates=keep` stores bytes that are here already as a second document."""
    scope = await asyncio.to_thread(current_scope, request)
    try:
        limit = await asyncio.to_thread(intake.check_upload, scope, declared_size(request))
        async with received_file(request, limit) as file:
            return await asyncio.to_thread(
                intake.receive, scope, file, source=_source(request), keep_duplicate=duplicates == "keep"
            )
    except ClasioError:
        await _drain(request)
        raise


def _source(request: Request) -> Source:
    return "upload" if bearer_token(request.headers) is None else "api"


async def _drain(request: Request) -> None:
    """Reads the rest of a refused body, within the size limit: a browser shows an answer only once it has sent all.

    A client that asked whether to send at all (RFC 9110 §10.1.1) is told no, and sends nothing.
    """
    left = get_settings().max_file_bytes
    if request._stream_consumed or _waits_to_send(request):  # noqa: SLF001  # the request keeps no public note of it
        return
    with suppress(ClientDisconnect):
        async for piece in request.stream():
            left -= len(piece)
            if left < 0:
                return


def _waits_to_send(request: Request) -> bool:
    return request.headers.get("expect", "").lower() == "100-continue"


@router.get("", responses=problems())
def list_documents(
    scope: Caller, query: Annotated[DocumentQuery, Query()], q: Annotated[str, Query(max_length=400)] = ""
) -> DocumentPage:
    """A page of documents. With `q` it is a search, best first; see also `/search`."""
    if q:
        return _found(scope, query, q)
    with unit_of_work(scope) as uow:
        return service.list_documents(uow, query)


def _found(scope: Scope, query: DocumentQuery, q: str) -> DocumentPage:
    wanted = SearchQuery(
        q=q,
        cursor=query.cursor,
        limit=min(query.limit, 100),
        **{name: getattr(query, name) for name in DocumentFilter.model_fields},
    )
    with unit_of_work(scope) as uow:
        page = search_documents(uow, wanted, with_facets=False)
    return DocumentPage(tuple(hit.document for hit in page.items), page.next_cursor)


@router.post("/bulk", responses=problems())
def bulk(scope: Caller, wanted: BulkRequest) -> list[BulkResult]:
    """One action on up to 200 documents; each succeeds or is refused by itself."""
    return each(scope, _ACTIONS[wanted.action], wanted.ids)


_ACTIONS: dict[str, Callable[[UnitOfWork, UUID], object]] = {
    "trash": trash.trash_document,
    "restore": trash.restore_document,
    "retry": service.retry_document,
    "purge": trash.purge_document,
    "analyse": lambda uow, document_id: request_analysis(uow, document_id, "fast", key=new_id().hex),
}


@archive_router.get(
    "/documents.zip",
    responses=problems(404, 409) | {200: {"content": {"application/zip": {}}}},
    response_class=StreamingResponse,
)
def download_many(scope: Caller, query: Annotated[ArchiveQuery, Query()]) -> StreamingResponse:
    """The documents with these `ids`, or all that fit the filters, as one ZIP file (10,000 at most)."""
    with unit_of_work(scope) as uow:
        members = archive.plan_archive(uow, query)
    return StreamingResponse(
        archive.stream_archive(scope, members),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="documents.zip"'},
    )


@router.get("/{document_id}", responses=problems(404))
def get_document(scope: Caller, document_id: UUID) -> DocumentDetail:
    with unit_of_work(scope) as uow:
        return service.get_document(uow, document_id)


@router.get("/{document_id}/state", responses=problems(404))
def get_state(scope: Caller, document_id: UUID) -> DocumentState:
    """How far the document is; a token that may only add documents sees this of those that it added itself."""
    with unit_of_work(scope) as uow:
        return service.read_state(uow, document_id)


@router.patch("/{document_id}", responses=problems(403, 404))
def change_document(scope: Caller, document_id: UUID, change: DocumentChange) -> DocumentDetail:
    """Edits values; what is set here is marked human and no analysis overwrites it."""
    with unit_of_work(scope) as uow:
        return service.change_document(uow, document_id, change)


@router.post("/{document_id}/accept", responses=problems(404, 409))
def accept_value(scope: Caller, document_id: UUID, wanted: ValueChoice) -> DocumentDetail:
    """Makes a value that AI set a person's: no analysis overwrites it."""
    with unit_of_work(scope) as uow:
        return values.accept_value(uow, document_id, wanted)


@router.post("/{document_id}/undo", responses=problems(404, 409))
def take_back_value(scope: Caller, document_id: UUID, wanted: ValueChoice) -> DocumentDetail:
    """Undoes the last change of a value by a person: AI's last word, or the value before, is in force again."""
    with unit_of_work(scope) as uow:
        return values.take_back_value(uow, document_id, wanted)


@router.delete("/{document_id}", responses=problems(403, 404))
def trash_document(scope: Caller, document_id: UUID) -> DocumentRow:
    """Moves the document to the trash."""
    with unit_of_work(scope) as uow:
        return trash.trash_document(uow, document_id)


@router.post("/{document_id}/restore", responses=problems(402, 403, 404))
def restore_document(scope: Caller, document_id: UUID) -> DocumentRow:
    with unit_of_work(scope) as uow:
        return trash.restore_document(uow, document_id)


@router.post("/{document_id}/retry", responses=problems(403, 404, 409))
def retry_document(scope: Caller, document_id: UUID) -> DocumentRow:
    """Tries the failed step again."""
    with unit_of_work(scope) as uow:
        return service.retry_document(uow, document_id)


@router.post("/{document_id}/scan", status_code=202, responses=problems(403, 404, 409))
def scan_now(scope: Caller, document_id: UUID) -> JobOut:
    """Queues the virus scan of a document that came in while the scanner was off."""
    with unit_of_work(scope) as uow:
        return job_out(uow, rescans.scan_now(uow, document_id))


@router.get("/{document_id}/text", responses=problems(404))
def get_text(scope: Caller, document_id: UUID) -> DocumentTextRow:
    with unit_of_work(scope) as uow:
        return service.get_text(uow, document_id)


@router.get("/{document_id}/activity", responses=problems(404))
def get_activity(scope: Caller, document_id: UUID) -> list[ActivityRow]:
    with unit_of_work(scope) as uow:
        service.get_document(uow, document_id)
        return list_of_document(uow, document_id)


@router.get(
    "/{document_id}/content",
    responses=problems(404) | {200: {"content": {"application/octet-stream": {}}}},
    response_class=Response,
)
def get_content(scope: Caller, document_id: UUID) -> Response:
    """The original bytes, always as a download (RFC 6266), never shown inline."""
    with unit_of_work(scope) as uow:
        content = service.open_content(uow, document_id)
    return as_download(content)


@router.get(
    "/{document_id}/pages/{n}",
    responses=problems(404, 409) | {200: {"content": {"image/webp": {}}}, 304: {"description": "Not changed"}},
    response_class=Response,
)
def get_page(
    request: Request,
    scope: Caller,
    document_id: UUID,
    n: Annotated[int, Path(ge=1, le=1_000_000)],
    size: Annotated[PageSize, Query()] = PageSize.PAGE,
) -> Response:
    """Page `n` (from 1) of a PDF or an image as a WebP picture: 1240 pixels wide, or a thumbnail of 320."""
    with unit_of_work(scope) as uow:
        source = open_page(uow, document_id, n, size)
    return as_kept(None if is_known(request.headers, source.version) else rendering_of(source), source.version)


@router.get(
    "/{document_id}/pages",
    responses=problems(404, 409) | {304: {"description": "Not changed"}},
    response_model=list[tuple[int, int]],
)
def list_pages(request: Request, scope: Caller, document_id: UUID) -> Response:
    """Width and height of each page of a PDF or an image, in points or pixels; of the first 3,000 pages."""
    with unit_of_work(scope) as uow:
        source = open_outline(uow, document_id)
    return _as_json(request, source)


@router.get(
    "/{document_id}/pages/{n}/words",
    responses=problems(404, 409) | {304: {"description": "Not changed"}},
    response_model=list[list[tuple[str, int, int, int, int] | tuple[str, int, int, int, int, bool]]],
)
def get_words(
    request: Request,
    scope: Caller,
    document_id: UUID,
    n: Annotated[int, Path(ge=1, le=1_000_000)],
    q: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """Lines of (word, left, top, width, height) on page `n`, in ten-thousandths of the page; none on a picture.

    With `q` each word also says whether the search would mark it.
    """
    with unit_of_work(scope) as uow:
        source = open_words(uow, document_id, n)
    if not q:
        return _as_json(request, source)
    version = f"{source.version}-{hashlib.sha256(q.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    content = None if is_known(request.headers, version) else with_hits(rendering_of(source), q)
    return as_kept(content, version, "application/json")


def _as_json(request: Request, source: PageSource) -> Response:
    content = None if is_known(request.headers, source.version) else rendering_of(source)
    return as_kept(content, source.version, "application/json")


class NewAnalysis(BaseModel):
    mode: Mode = "fast"


@router.post("/{document_id}/analyses", status_code=202, responses=problems(402, 403, 404, 409))
def analyse(
    scope: Caller,
    document_id: UUID,
    wanted: NewAnalysis,
    idempotency_key: Annotated[str | None, Header(max_length=100)] = None,
) -> JobOut:
    """Queues an analysis. The same `Idempotency-Key` for the same document gives the same job."""
    with unit_of_work(scope) as uow:
        job_id = request_analysis(uow, document_id, wanted.mode, key=idempotency_key or new_id().hex)
        return job_out(uow, job_id)
