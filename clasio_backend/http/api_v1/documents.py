import asyncio
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from clasio_backend.activity.schemas import ActivityRow
from clasio_backend.activity.service import list_of_document
from clasio_backend.analysis.analyzer import Mode
from clasio_backend.analysis.service import request_analysis
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ClasioError
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents import intake, service
from clasio_backend.documents.schemas import (
    DocumentChange,
    DocumentDetail,
    DocumentFilter,
    DocumentPage,
    DocumentQuery,
    DocumentRow,
    DocumentTextRow,
    Source,
)
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.api_v1.jobs import JobOut, job_out
from clasio_backend.http.callers import Caller, current_scope
from clasio_backend.http.uploads import declared_size, received_file
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents

router = APIRouter(prefix="/documents", tags=["documents"])

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
        await asyncio.to_thread(intake.check_upload, scope, declared_size(request))
        async with received_file(request, get_settings().max_file_mb) as file:
            return await asyncio.to_thread(
                intake.receive, scope, file, source=_source(request), keep_duplicate=duplicates == "keep"
            )
    except ClasioError:
        await _drain(request)
        raise


def _source(request: Request) -> Source:
    return "api" if "authorization" in request.headers else "upload"


async def _drain(request: Request) -> None:
    """Reads the rest of a refused body, within the size limit: a browser shows an answer only once it has sent all."""
    left = get_settings().max_file_bytes
    if request._stream_consumed:  # noqa: SLF001  # the request keeps no public note of it
        return
    async for piece in request.stream():
        left -= len(piece)
        if left < 0:
            return


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


@router.get("/{document_id}", responses=problems(404))
def get_document(scope: Caller, document_id: UUID) -> DocumentDetail:
    with unit_of_work(scope) as uow:
        return service.get_document(uow, document_id)


@router.patch("/{document_id}", responses=problems(403, 404))
def change_document(scope: Caller, document_id: UUID, change: DocumentChange) -> DocumentDetail:
    """Edits values; what is set here is marked human and no analysis overwrites it."""
    with unit_of_work(scope) as uow:
        return service.change_document(uow, document_id, change)


@router.delete("/{document_id}", responses=problems(403, 404))
def trash_document(scope: Caller, document_id: UUID) -> DocumentRow:
    """Moves the document to the trash."""
    with unit_of_work(scope) as uow:
        return service.trash_document(uow, document_id)


@router.post("/{document_id}/restore", responses=problems(402, 403, 404))
def restore_document(scope: Caller, document_id: UUID) -> DocumentRow:
    with unit_of_work(scope) as uow:
        return service.restore_document(uow, document_id)


@router.post("/{document_id}/retry", responses=problems(403, 404, 409))
def retry_document(scope: Caller, document_id: UUID) -> DocumentRow:
    """Tries the failed step again."""
    with unit_of_work(scope) as uow:
        return service.retry_document(uow, document_id)


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
    return StreamingResponse(
        service.stream_content(content),
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(content.name, safe='')}",
            "Content-Length": str(content.size_bytes),
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


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
