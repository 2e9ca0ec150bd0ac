"""Many analyses at once: what they would take, one job for each document, and how many are still to be done."""

from uuid import UUID

from clasio_backend.analysis.consent import keeps_all_here
from clasio_backend.analysis.gemini import GeminiAnalyzer, attaches
from clasio_backend.analysis.metered import METERS
from clasio_backend.analysis.prompt import MAX_CHARACTERS
from clasio_backend.analysis.providers import get_analyzer
from clasio_backend.analysis.repository import AnalysisJobRepository, ToAnalyse, ToAnalyseRepository
from clasio_backend.analysis.schemas import AnalysisProgress, BulkAnalysis, BulkEstimate, BulkStarted
from clasio_backend.analysis.service import queue_analysis
from clasio_backend.analysis.skipping import refuse_when_off
from clasio_backend.core.errors import Conflict
from clasio_backend.core.scope import Permission, Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.models.documents import Outcome
from clasio_backend.usage.plans import Meter
from clasio_backend.usage.service import read_usage

MAX_DOCUMENTS = 2_000
PER_STEP = 50
BYTES_A_TOKEN = 4
TOKENS_AROUND = 900
"""The question and the answer around a document's text."""
TOKENS_A_PAGE = 258
"""What Google counts for a page that comes along."""


class TooManyToAnalyse(Conflict):
    code = "too_many_to_analyse"

    def __init__(self) -> None:
        super().__init__(f"At most {MAX_DOCUMENTS:,} documents are analysed at once. Narrow the filters.")


def estimate(uow: UnitOfWork, wanted: BulkAnalysis) -> BulkEstimate:
    """What it would take at most; raises `NotAnalysable`, or `TooManyToAnalyse` above 2,000 documents.

    Single documents that are never sent to AI are counted as if they were: the job looks at each.
    """
    uow.scope.require(Permission.ANALYSE_DOCUMENTS, "document")
    refuse_when_off(uow)
    found = _found(uow, wanted)
    if not isinstance(get_analyzer(), GeminiAnalyzer) or keeps_all_here(uow):
        return BulkEstimate(wanted.mode, len(found), 0, None, None, None)
    meters = {meter.meter: meter for meter in read_usage(uow).meters}
    meter, tokens = meters[METERS[wanted.mode]], meters[Meter.AI_TOKENS]
    return BulkEstimate(
        mode=wanted.mode,
        documents=len(found),
        tokens=sum(_tokens(each, wanted) for each in found),
        left=max(0, meter.limit - meter.used),
        limit=meter.limit,
        tokens_left=max(0, tokens.limit - tokens.used),
    )


def _tokens(document: ToAnalyse, wanted: BulkAnalysis) -> int:
    text = min(document.text_bytes, MAX_CHARACTERS[wanted.mode]) // BYTES_A_TOKEN
    is_attached = attaches(wanted.mode, document.mime_type, document.size_bytes, document.page_count)
    return text + TOKENS_AROUND + (max(1, document.page_count or 1) * TOKENS_A_PAGE if is_attached else 0)


def start(scope: Scope, wanted: BulkAnalysis, *, key: str) -> BulkStarted:
    """One job for each document; the same `key` gives the same jobs. What finds no room in the plan waits for it."""
    with unit_of_work(scope) as uow:
        scope.require(Permission.ANALYSE_DOCUMENTS, "document")
        refuse_when_off(uow)
        ids = [each.id for each in _found(uow, wanted)]
    queued = 0
    for first in range(0, len(ids), PER_STEP):
        with unit_of_work(scope) as uow:
            queued += sum(_queued(uow, each, wanted, key) for each in ids[first : first + PER_STEP])
    return BulkStarted(queued)


def _queued(uow: UnitOfWork, document_id: UUID, wanted: BulkAnalysis, key: str) -> bool:
    """Whether the document is still there for it: others may have been quicker."""
    document = uow.repository(DocumentRepository).find(document_id)
    if document is None or document.deleted_at is not None or document.outcome == Outcome.PENDING:
        return False
    queue_analysis(uow, document, wanted.mode, key=key)
    return True


def read_progress(uow: UnitOfWork) -> AnalysisProgress:
    """How many analyses of the organization are still to be done."""
    uow.scope.require(Permission.ANALYSE_DOCUMENTS)
    return AnalysisProgress(*uow.repository(AnalysisJobRepository).count_open())


def _found(uow: UnitOfWork, wanted: BulkAnalysis) -> list[ToAnalyse]:
    found = uow.repository(ToAnalyseRepository).list_fitting(wanted, limit=MAX_DOCUMENTS + 1)
    if len(found) > MAX_DOCUMENTS:
        raise TooManyToAnalyse
    return found
