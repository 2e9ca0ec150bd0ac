"""One action on many documents: each in a step of its own, with a result of its own."""

from collections.abc import Callable, Sequence
from uuid import UUID

from clasio_backend.core.errors import ClasioError, OutsideTokenScope
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.documents.schemas import BulkResult

DONE = "done"


def each(scope: Scope, service: Callable[[UnitOfWork, UUID], object], ids: Sequence[UUID]) -> list[BulkResult]:
    """Runs `service` for each document once, in the order given; a refusal stops none of the others."""
    return [_one(scope, service, document_id) for document_id in dict.fromkeys(ids)]


def _one(scope: Scope, service: Callable[[UnitOfWork, UUID], object], document_id: UUID) -> BulkResult:
    name = ""
    try:
        with unit_of_work(scope) as uow:
            document = uow.repository(DocumentRepository).find(document_id)
            name = document.name if document else ""
            service(uow, document_id)
    except OutsideTokenScope:  # the same for every document: the call itself is refused
        raise
    except ClasioError as refused:
        return BulkResult(document_id, name, refused.code, refused.message)
    return BulkResult(document_id, name, DONE, "")
