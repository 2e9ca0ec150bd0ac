"""Analyses: asked for by a person or by the reading, done by a job, applied without touching what a human set."""

from typing import Any
from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.analysis.analyzer import OTHER, AnalysisRequest, AnalysisResult, Mode
from clasio_backend.analysis.providers import get_analyzer
from clasio_backend.analysis.repository import AnalysisRepository
from clasio_backend.core.clock import now
from clasio_backend.core.errors import Conflict, NotFound
from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobKind, enqueue, finish
from clasio_backend.core.scope import Permission, Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.repository import DocumentRepository, DocumentTextRepository
from clasio_backend.documents.service import HUMAN, index_labels
from clasio_backend.models import Analysis, Document
from clasio_backend.models.documents import Outcome, Stage
from clasio_backend.organizations.repository import CategoryRepository
from clasio_backend.organizations.service import list_categories


class NotReadYet(Conflict):
    code = "not_read_yet"

    def __init__(self) -> None:
        super().__init__("This document has no text yet, so there is nothing to analyse. Try again when it was read.")


def request_analysis(uow: UnitOfWork, document_id: UUID, mode: Mode, *, key: str) -> UUID:
    """Queues an analysis and returns its job's id; the same `key` for the same document gives the same job."""
    if not uow.scope.may(Permission.WRITE_DOCUMENTS):
        raise NotFound
    document = uow.repository(DocumentRepository).get_for_update(document_id)
    if document.searchable_at is None or document.deleted_at is not None:
        raise NotReadYet
    job_id = enqueue(
        uow,
        JobKind.ANALYSE_DOCUMENT,
        f"{document_id} {mode} {key}",
        payload={"document_id": str(document_id), "mode": mode},
        document_id=document_id,
    )
    if document.outcome != Outcome.PENDING:
        document.outcome = Outcome.PENDING
        document.error_code = document.error_message = None
        uow.flush()
    uow.notify("document", document_id)
    return job_id


def analyse_document(scope: Scope, claim: Claim, document_id: UUID, mode: Mode) -> None:
    """Analyses one document and writes the result, the values in force and the activity entry together."""
    with unit_of_work(scope) as uow:
        request = _request(uow, document_id, mode)
        if request is None:
            finish(uow, claim)
            return
    analyzer = get_analyzer()
    result = analyzer.analyze(request)
    with unit_of_work(scope) as uow:
        document = uow.repository(DocumentRepository).get_for_update(document_id)
        _store(uow, document, claim, mode, analyzer.source, result)
        _apply(uow, document, analyzer.source, result)
        finish(uow, claim)


def _request(uow: UnitOfWork, document_id: UUID, mode: Mode) -> AnalysisRequest | None:
    document = uow.repository(DocumentRepository).find(document_id)
    if document is None or document.searchable_at is None:
        return None
    text = uow.repository(DocumentTextRepository).find_text(document_id)
    return AnalysisRequest(
        name=document.name,
        mime_type=document.mime_type,
        text=text.text if text else "",
        mode=mode,
        categories=tuple(category.name for category in list_categories(uow)),
    )


def _store(uow: UnitOfWork, document: Document, claim: Claim, mode: Mode, source: str, result: AnalysisResult) -> None:  # noqa: PLR0913, PLR0917  # one row's parts
    uow.repository(AnalysisRepository).add(
        Analysis(
            organization_id=document.organization_id,
            document_id=document.id,
            job_id=claim.job_id,
            mode=mode,
            source=source,
            model=result.model,
            prompt_version=result.prompt_version or "",
            content_sha256=document.sha256,
            result=result.model_dump(mode="json"),
            tokens_in=result.tokens_in,
            tokens_out=result.tokens_out,
        )
    )


def _apply(uow: UnitOfWork, document: Document, source: str, result: AnalysisResult) -> None:
    """Puts the values in force, but for those that a human set."""
    sources = dict(document.value_sources)
    for field, value in _values(uow, result).items():
        label = field.removesuffix("_id")
        if sources.get(label) != HUMAN:
            setattr(document, field, value)
            sources[label] = source
    document.value_sources = sources
    document.analysis_source = source
    document.stage = Stage.ANALYSED
    document.outcome = Outcome.DONE
    document.error_code = document.error_message = None
    document.analysed_at = document.updated_at = now()
    uow.flush()
    index_labels(uow, document)
    record(uow, Action.DOCUMENT_ANALYSED, "document", document.id, name=document.name, source=source)
    uow.notify("document", document.id)


def _values(uow: UnitOfWork, result: AnalysisResult) -> dict[str, Any]:
    category = None
    if result.category != OTHER:
        category = uow.repository(CategoryRepository).find_by_name(result.category)
    return {
        "category_id": category.id if category else None,
        "document_type": result.document_type,
        "summary": result.summary,
        "language": result.language,
        "issued_on": result.dates.issued,
        "due_on": result.dates.due,
        "expires_on": result.dates.expires,
        "amounts": [amount.model_dump() for amount in result.amounts],
        "parties": list(result.parties),
    }
