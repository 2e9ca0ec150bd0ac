"""What documents follow when their category was renamed or merged: the job behind `organizations.categories`."""

from uuid import UUID

from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import finish
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.repository import DocumentRepository, DocumentTextRepository
from clasio_backend.documents.service import labels_of
from clasio_backend.organizations.repository import CategoryRepository

BATCH = 500
"""Documents that one transaction holds locked: about half a second."""


def follow_category(scope: Scope, claim: Claim, category_id: UUID) -> None:
    """Makes a renamed category findable on its documents, or moves them to the one that takes over, batch by batch.

    Run again after a crash it goes on: nothing of it counts twice.
    """
    after: UUID | None = None
    while True:
        with unit_of_work(scope) as uow:
            last = _follow_batch(uow, category_id, after)
            if last is None:
                _remove_when_merged(uow, category_id)
                finish(uow, claim)
                return
        after = last


def _follow_batch(uow: UnitOfWork, category_id: UUID, after: UUID | None) -> UUID | None:
    """The last document of the batch; None when there was none."""
    documents = uow.repository(DocumentRepository)
    batch = documents.lock_of_category(category_id, after=after, limit=BATCH)
    if not batch:
        return None
    # Read only now that the documents are locked: a job that came later cannot be overtaken with an older name.
    category = target = uow.repository(CategoryRepository).get(category_id)
    if category.merged_into_id is not None:
        target = uow.repository(CategoryRepository).get(category.merged_into_id)
        keeps_mark = category.never_send and not target.never_send
        documents.move_to_category([row.id for row in batch], category=target.id, never_send=keeps_mark)
    labels = [(row.id, row.name, labels_of(target.name, row)) for row in batch]
    uow.repository(DocumentTextRepository).set_many_labels(labels)
    uow.notify("organization", uow.scope.organization_id)
    return batch[-1].id


def _remove_when_merged(uow: UnitOfWork, category_id: UUID) -> None:
    """Leaves it when documents are left, which an earlier job of the same category has passed by."""
    category = uow.repository(CategoryRepository).find(category_id)
    left = uow.repository(DocumentRepository).lock_of_category(category_id, after=None, limit=1)
    if category is not None and category.merged_into_id is not None and not left:
        uow.repository(CategoryRepository).delete(category)
        uow.notify("organization", uow.scope.organization_id)
