"""Single values of a document: a person accepts what AI said, or takes their own change back."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.clock import now
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.earlier import COLUMNS, HUMAN, remember, take_back
from clasio_backend.documents.errors import CategoryGone, NothingToAccept, NothingToTakeBack
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.documents.schemas import DocumentDetail, ValueChoice
from clasio_backend.documents.service import get_document, index_labels
from clasio_backend.models import Document
from clasio_backend.organizations.repository import CategoryRepository

_FROM_JSON: dict[str, Callable[[str], Any]] = {
    "category": UUID,
    "issued_on": date.fromisoformat,
    "due_on": date.fromisoformat,
    "expires_on": date.fromisoformat,
}


def accept_value(uow: UnitOfWork, document_id: UUID, wanted: ValueChoice) -> DocumentDetail:
    """Makes what AI said a person's value: no analysis overwrites it. Raises `NothingToAccept`."""
    document = _editable(uow, document_id)
    sources = document.value_sources
    if sources.get(wanted.value, HUMAN) == HUMAN:
        raise NothingToAccept
    remember(document, wanted.value)
    document.value_sources = sources | {wanted.value: HUMAN}
    return _written(uow, document, Action.VALUE_ACCEPTED, wanted.value)


def take_back_value(uow: UnitOfWork, document_id: UUID, wanted: ValueChoice) -> DocumentDetail:
    """Undoes a person's last change of this value: what AI said last, or the value before, is in force again."""
    document = _editable(uow, document_id)
    step = take_back(document, wanted.value)
    if step is None:
        raise NothingToTakeBack
    setattr(document, COLUMNS.get(wanted.value, wanted.value), _earlier(uow, wanted.value, step["value"]))
    sources = {name: source for name, source in document.value_sources.items() if name != wanted.value}
    document.value_sources = sources | ({wanted.value: step["source"]} if step["source"] else {})
    return _written(uow, document, Action.VALUE_TAKEN_BACK, wanted.value)


def _editable(uow: UnitOfWork, document_id: UUID) -> Document:
    uow.scope.require(Permission.EDIT_DOCUMENTS, "document")
    return uow.repository(DocumentRepository).get_for_update(document_id)


def _earlier(uow: UnitOfWork, name: str, value: Any) -> Any:
    if name == "category" and value is not None:
        category = uow.repository(CategoryRepository).find_in_force(UUID(value))
        if category is None:
            raise CategoryGone
        return category
    read = _FROM_JSON.get(name)
    return read(value) if read and value is not None else value


def _written(uow: UnitOfWork, document: Document, action: Action, value: str) -> DocumentDetail:
    document.updated_at = now()
    uow.flush()
    index_labels(uow, document)
    record(uow, action, "document", document.id, name=document.name, fields=[value])
    uow.notify("document", document.id)
    return get_document(uow, document.id)
