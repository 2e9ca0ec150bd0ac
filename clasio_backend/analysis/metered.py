"""What analyses by Gemini need besides an answer: room in the plan, earlier results, and the bytes that go along.

All of it is nothing for the local analyzer, which is never metered.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clasio_backend.analysis.analyzer import AnalysisRequest, AnalysisResult, Analyzer, Mode, Source
from clasio_backend.analysis.gemini import GeminiAnalyzer, most_tokens
from clasio_backend.analysis.prompt import prompt_version
from clasio_backend.analysis.providers import analyzer_for
from clasio_backend.analysis.repository import AnalysisRepository
from clasio_backend.core.clock import now
from clasio_backend.core.gateway import Claim
from clasio_backend.core.job_queue import LostLease, QueueName
from clasio_backend.core.job_waits import go_on, wait_for
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.processing import note_waiting
from clasio_backend.integrations.storage import get_blob_store
from clasio_backend.organizations.repository import OrganizationRepository
from clasio_backend.usage.budget import PLAN, NotNow, check_analysis, release, reserve, settle
from clasio_backend.usage.notices import note_refusal
from clasio_backend.usage.plans import Meter

METERS: dict[Mode, Meter] = {"fast": Meter.FAST_ANALYSES, "thorough": Meter.THOROUGH_ANALYSES}
QUEUES: dict[Mode, QueueName] = {"fast": QueueName.FAST, "thorough": QueueName.THOROUGH}


@dataclass(frozen=True, slots=True)
class Finding:
    """A result with where it comes from; `is_earlier` when the organization had it already.

    `note` says why it is not from the analyzer that was wanted.
    """

    mode: Mode
    source: Source
    result: AnalysisResult
    is_earlier: bool = False
    note: str | None = None


def check_room(uow: UnitOfWork, question: AnalysisRequest) -> None:
    """Raises `QuotaExceeded` when the analysis would cost something for which the plan has no room now."""
    analyzer = analyzer_for(question)
    if isinstance(analyzer, GeminiAnalyzer) and find_earlier(uow, analyzer, question) is None:
        check_analysis(uow, METERS[question.mode])


def find_earlier(uow: UnitOfWork, analyzer: Analyzer, question: AnalysisRequest) -> AnalysisResult | None:
    """What the same model said of the same content, asked in the same way, in this organization; it costs nothing."""
    if not isinstance(analyzer, GeminiAnalyzer):
        return None
    model, version = analyzer.model_of(question.mode), prompt_version(question)
    made = uow.repository(AnalysisRepository).find_made(question.sha256, question.mode, model, version)
    if made is None:
        return None
    result = AnalysisResult.model_validate_json(json.dumps(made.result))
    return result.model_copy(update={"tokens_in": 0, "tokens_out": 0})


@contextmanager
def paid(
    scope: Scope, claim: Claim, document_id: UUID, question: AnalysisRequest, analyzer: Analyzer
) -> Iterator[bool]:
    """Around a call that may cost something: holds the most that it can cost, and gives it back when the block raises.

    Yields False when there is no room: the job then waits already, and the document says why.
    """
    if not isinstance(analyzer, GeminiAnalyzer):
        yield True
    elif not _hold(scope, claim, document_id, question):
        yield False
    else:
        try:
            yield True
        except Exception:
            # Whoever lost the lease leaves it: what was held is now the other worker's.
            with suppress(LostLease), unit_of_work(scope) as uow:
                go_on(uow, claim)
                release(uow, claim.job_id)
            raise


def _hold(scope: Scope, claim: Claim, document_id: UUID, question: AnalysisRequest) -> bool:
    most = {METERS[question.mode]: 1, Meter.AI_TOKENS: most_tokens(question)}
    try:
        with unit_of_work(scope) as uow:
            go_on(uow, claim)
            reserve(uow, claim.job_id, most)
    except NotNow as wait:
        with unit_of_work(scope) as uow:
            wait_for(uow, claim, PLAN, until=_until(uow, wait), reason=wait.message)
            note_waiting(uow, document_id, message=wait.message)
            if wait.refused is not None:
                note_refusal(uow, wait.refused)
        return False
    return True


def _until(uow: UnitOfWork, wait: NotNow) -> datetime:
    """At once when the plan was changed since: that brought forward what waited then, and this job did not yet.

    With the organization locked, a change of plan comes either before or after this job waits.
    """
    plan = uow.repository(OrganizationRepository).get_for_update().plan
    return now() if wait.refused is not None and wait.refused.plan != plan else wait.until


def charge(uow: UnitOfWork, claim: Claim, analyzer: Analyzer, mode: Mode, result: AnalysisResult) -> None:
    """What the call did cost takes the place of what was held, in the transaction of its result.

    A local result costs nothing; a run of the same job that died may have asked Gemini, and held something for it.
    """
    if isinstance(analyzer, GeminiAnalyzer):
        settle(uow, claim.job_id, {METERS[mode]: 1, Meter.AI_TOKENS: result.tokens_in + result.tokens_out})
    else:
        release(uow, claim.job_id)


def with_content(scope: Scope, question: AnalysisRequest, analyzer: Analyzer) -> AnalysisRequest:
    """The request with the document's bytes, where they go along."""
    if not question.has_content or not isinstance(analyzer, GeminiAnalyzer):
        return question
    return question.with_content(b"".join(get_blob_store().stream(scope.organization_id, question.sha256)))
