"""Whether a document's text may leave this machine for an analysis: the customer's word, asked right before it would.

Only analyzers whose source is not `local` send anything. When the organization, the document or its category says no,
the local analyzer takes their place, and the document says why.
"""

from typing import NamedTuple
from uuid import UUID

from clasio_backend.analysis.analyzer import AnalysisRequest, Analyzer
from clasio_backend.analysis.local import LocalAnalyzer
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.organizations.repository import CategoryRepository, OrganizationRepository

LOCAL = "local"
MARK = "never send to AI"
NAMES = {"gemini": "Gemini"}


class Choice(NamedTuple):
    """The analyzer that may read the document; `note` says in words why it is not the one that was wanted."""

    analyzer: Analyzer
    note: str | None = None


def choose(scope: Scope, document_id: UUID, request: AnalysisRequest, wanted: Analyzer) -> Choice:
    """`wanted`, or the local analyzer when the text must stay here. Call it directly before the analyzer.

    A document without a category yet is looked at by the local analyzer first: one that seems to belong to a category
    that is never sent stays here too, or the mark would come too late for every new document.
    """
    if wanted.source == LOCAL:
        return Choice(wanted)
    local = LocalAnalyzer()
    with unit_of_work(scope) as uow:
        reason = find_reason(uow, document_id)
        guarded = _guarded(uow, document_id)
    if reason is None and guarded:
        seems = local.analyze(request).category
        reason = f"it looks like {seems}, which is marked “{MARK}”" if seems in guarded else None
    if reason is None:
        return Choice(wanted)
    name = NAMES.get(wanted.source, wanted.source.capitalize())
    return Choice(local, f"Not sent to {name}: {reason}. It was analysed on this machine.")


def find_reason(uow: UnitOfWork, document_id: UUID) -> str | None:
    """Why the document's text must stay on this machine; None when it may leave. Raises `DocumentNotFound`."""
    document = uow.repository(DocumentRepository).get(document_id)
    if keeps_all_here(uow):
        return "this organization analyses on this machine only"
    if document.never_send:
        return f"it is marked “{MARK}”"
    category = uow.repository(CategoryRepository).find(document.category_id) if document.category_id else None
    if category is not None and category.never_send:
        return f"its category {category.name} is marked “{MARK}”"
    return None


def keeps_all_here(uow: UnitOfWork) -> bool:
    """Whether the whole organization analyses on this machine only."""
    return uow.repository(OrganizationRepository).get().local_only


def _guarded(uow: UnitOfWork, document_id: UUID) -> set[str]:
    """Categories that a document without one must not look like."""
    has_category = uow.repository(DocumentRepository).get(document_id).category_id is not None
    return set() if has_category else uow.repository(CategoryRepository).never_sent()
