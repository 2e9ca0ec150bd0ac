"""Analyses: asked for by a person or by the reading, done by a job, applied without touching what a human set."""

from typing import Any
from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.analysis.analyzer import OTHER, AnalysisRequest, AnalysisResult, Mode
from clasio_backend.analysis.consent import choose, find_reason
from clasio_backend.analysis.gemini import attaches
from clasio_backend.analysis.metered import QUEUES, Finding, charge, check_room, find_earlier, paid, with_content
from clasio_backend.analysis.providers import analyzer_for
from clasio_backend.analysis.repository import AnalysisRepository
from clasio_backend.analysis.skipping import find_skip, refuse_analysis, settle_skipped
from clasio_backend.core.clock import now
from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import JobKind, JobRepository, enqueue, finish
from clasio_backend.core.scope import Permission, Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.earlier import HUMAN, renew
from clasio_backend.documents.opening import require_open
from clasio_backend.documents.repository import DocumentRepository, DocumentTextRepository
from clasio_backend.documents.service import index_labels
from clasio_backend.models import Analysis, Document
from clasio_backend.models.documents import Outcome, Stage
from clasio_backend.organizations.repository import CategoryRepository
from clasio_backend.organizations.service import list_categories
from clasio_backend.usage.budget import release
from clasio_backend.usage.repository import CACHED


def request_analysis(uow: UnitOfWork, document_id: UUID, mode: Mode, *, key: str) -> UUID:
    """Queues an analysis and returns its job's id; the same `key` for the same document gives the same job.

    Raises `NotReadYet`, `NotAnalysable` with why the document cannot have one now, or `QuotaExceeded` when it would
    cost something and the plan has no room for it now.
    """
    uow.scope.require(Permission.ANALYSE_DOCUMENTS)
    document = uow.repository(DocumentRepository).get_for_update(document_id)
    refuse_analysis(uow, document)
    job_key = _job_key(document_id, mode, key)
    is_new = uow.repository(JobRepository).find_by_key(JobKind.ANALYSE_DOCUMENT, job_key) is None
    if is_new and find_reason(uow, document_id) is None:  # what stays on this machine costs nothing
        check_room(uow, _question(uow, document, mode))
    return queue_analysis(uow, document, mode, key=key)


def queue_analysis(uow: UnitOfWork, document: Document, mode: Mode, *, key: str) -> UUID:
    """The same without looking whether the plan has room: the job itself waits for it."""
    job_id = enqueue(
        uow,
        JobKind.ANALYSE_DOCUMENT,
        _job_key(document.id, mode, key),
        payload={"document_id": str(document.id), "mode": mode},
        document_id=document.id,
        queue=QUEUES[mode],
    )
    if document.outcome != Outcome.PENDING:
        document.outcome = Outcome.PENDING
        document.error_code = document.error_message = None
        uow.flush()
    uow.notify("document", document.id)
    return job_id


def _job_key(document_id: UUID, mode: Mode, key: str) -> str:
    return f"{document_id} {mode} {key}"


def analyse_document(scope: Scope, claim: Claim, document_id: UUID, mode: Mode) -> None:
    """Analyses one document and writes the result, the values in force and the activity entry together.

    A result that the organization has already is taken again. What costs something waits until the plan has room.
    """
    with unit_of_work(scope) as uow:
        request = _request(uow, document_id, mode)
        if request is None:
            release(uow, claim.job_id)  # what a run of this job held that died
            finish(uow, claim)
            return
    analyzer, note = choose(scope, document_id, request, analyzer_for(request))
    with unit_of_work(scope) as uow:
        if (earlier := find_earlier(uow, analyzer, request)) is not None:
            release(uow, claim.job_id)  # as above
            _write(uow, claim, document_id, Finding(mode, analyzer.source, earlier, is_earlier=True, note=note))
            return
    with paid(scope, claim, document_id, request, analyzer) as may_call:
        if may_call:
            result = analyzer.analyze(with_content(scope, request, analyzer))
            with unit_of_work(scope) as uow:
                _write(uow, claim, document_id, Finding(mode, analyzer.source, result, note=note))
                charge(uow, claim, analyzer, mode, result)


def _request(uow: UnitOfWork, document_id: UUID, mode: Mode) -> AnalysisRequest | None:
    """What is to be analysed; None when that is nothing, which the document then says."""
    document = uow.repository(DocumentRepository).find_for_update(document_id)
    if document is None or document.searchable_at is None:
        return None
    skip = find_skip(uow, document)
    if skip is not None:
        settle_skipped(uow, document, skip)
        return None
    require_open(document, uow.scope)
    return _question(uow, document, mode)


def _question(uow: UnitOfWork, document: Document, mode: Mode) -> AnalysisRequest:
    text = uow.repository(DocumentTextRepository).find_text(document.id)
    return AnalysisRequest(
        name=document.name,
        mime_type=document.mime_type,
        text=text.text if text else "",
        mode=mode,
        categories=tuple(category.name for category in list_categories(uow)),
        sha256=document.sha256,
        page_count=document.page_count,
        has_content=attaches(mode, document.mime_type, document.size_bytes, document.page_count),
    )


def _write(uow: UnitOfWork, claim: Claim, document_id: UUID, finding: Finding) -> None:
    document = uow.repository(DocumentRepository).get_for_update(document_id)
    require_open(document, uow.scope)  # the scanner may have caught it meanwhile
    _store(uow, document, claim, finding)
    _apply(uow, document, finding)
    finish(uow, claim)


def _store(uow: UnitOfWork, document: Document, claim: Claim, finding: Finding) -> None:
    result = finding.result
    uow.repository(AnalysisRepository).add(
        Analysis(
            organization_id=document.organization_id,
            document_id=document.id,
            job_id=claim.job_id,
            mode=finding.mode,
            source=CACHED if finding.is_earlier else finding.source,
            model=result.model,
            prompt_version=result.prompt_version or "",
            content_sha256=document.sha256,
            result=result.model_dump(mode="json"),
            tokens_in=result.tokens_in,
            tokens_out=result.tokens_out,
            requested_by=uow.repository(JobRepository).get(claim.job_id).created_by or document.uploaded_by,
        )
    )


def _apply(uow: UnitOfWork, document: Document, finding: Finding) -> None:
    """Puts the values in force, but for those that a human set."""
    sources = dict(document.value_sources)
    for field, value in _values(uow, finding.result).items():
        label = field.removesuffix("_id")
        if sources.get(label) != HUMAN:
            setattr(document, field, value)
            sources[label] = finding.source
        renew(document, label, value, finding.source)
    document.value_sources = sources
    document.analysis_source, document.analysis_note = finding.source, finding.note
    document.stage = Stage.ANALYSED
    document.outcome = Outcome.DONE
    document.error_code = document.error_message = None
    document.analysed_at = document.updated_at = now()
    uow.flush()
    index_labels(uow, document)
    told = {"name": document.name, "source": finding.source, "from_earlier": finding.is_earlier}
    record(uow, Action.DOCUMENT_ANALYSED, "document", document.id, **told)
    uow.notify("document", document.id)


def _values(uow: UnitOfWork, result: AnalysisResult) -> dict[str, Any]:
    category = None
    if result.category != OTHER:
        category = uow.repository(CategoryRepository).find_for_use(result.category)
    return {
        "category_id": (category.merged_into_id or category.id) if category else None,
        "document_type": result.document_type,
        "summary": result.summary,
        "language": result.language,
        "issued_on": result.dates.issued,
        "due_on": result.dates.due,
        "expires_on": result.dates.expires,
        "amounts": [amount.model_dump() for amount in result.amounts],
        "parties": list(result.parties),
    }
