from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.exports import service
from clasio_backend.exports.schemas import ExportRow, NewExport
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller
from clasio_backend.http.downloads import attachment

router = APIRouter(prefix="/exports", tags=["exports"])


@router.post("", status_code=202, responses=problems(404, 409))
def request_export(scope: Caller, wanted: NewExport) -> ExportRow:
    """Queues an export: `organization` (owners), or `person` for what is one's own."""
    with unit_of_work(scope) as uow:
        return service.request_export(uow, wanted)


@router.get("", responses=problems())
def list_exports(scope: Caller) -> list[ExportRow]:
    """One's own exports and, for owners, those of the organization; newest first."""
    with unit_of_work(scope) as uow:
        return service.list_exports(uow)


@router.get("/{export_id}", responses=problems(404))
def get_export(scope: Caller, export_id: UUID) -> ExportRow:
    with unit_of_work(scope) as uow:
        return service.get_export(uow, export_id)


@router.delete("/{export_id}", status_code=204, responses=problems(404), response_class=Response)
def remove_export(scope: Caller, export_id: UUID) -> None:
    """Cancels an export that is being made, or removes a finished one."""
    with unit_of_work(scope) as uow:
        service.remove_export(uow, export_id)


@router.get(
    "/{export_id}/content",
    responses=problems(404, 409) | {200: {"content": {"application/octet-stream": {}}}},
    response_class=StreamingResponse,
)
def get_content(scope: Caller, export_id: UUID) -> StreamingResponse:
    """The ZIP file, for seven days."""
    with unit_of_work(scope) as uow:
        content = service.open_export(uow, export_id)
    return attachment(service.stream_export(content), content.name, content.size_bytes)
