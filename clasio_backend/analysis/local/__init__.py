"""The built-in analyzer: offline, deterministic, without a model. It is what Clasio uses when no AI is set up."""

from typing import Literal

from clasio_backend.analysis.analyzer import MAX_DOCUMENT_TYPE, OTHER, AnalysisRequest, AnalysisResult
from clasio_backend.analysis.categories import category_for_kind
from clasio_backend.analysis.kinds import Kind
from clasio_backend.analysis.local.amounts import find_amounts
from clasio_backend.analysis.local.classify import classify
from clasio_backend.analysis.local.dates import find_dates
from clasio_backend.analysis.local.document import prepare
from clasio_backend.analysis.local.language import detect_language
from clasio_backend.analysis.local.parties import find_parties, mail_parties
from clasio_backend.analysis.local.summary import Facts, document_title, summarize
from clasio_backend.analysis.words import one_line

# Raised whenever the same text would give another result: stored results name what made them.
MODEL = "local-1"

_WITH_TOTAL = frozenset((Kind.INVOICE, Kind.RECEIPT, Kind.ORDER, Kind.QUOTE))
_WITHOUT_AMOUNTS = frozenset((Kind.SPREADSHEET, Kind.PRESENTATION, Kind.MANUAL, Kind.MINUTES, Kind.RESUME, Kind.REPORT))
_WITH_LETTERHEAD = frozenset(
    (Kind.INVOICE, Kind.RECEIPT, Kind.QUOTE, Kind.ORDER, Kind.DELIVERY_NOTE, Kind.LETTER, Kind.RESUME)
)


class LocalAnalyzer:
    """Never raises for any text, needs no network, and gives the same answer for the same request."""

    source: Literal["local"] = "local"

    def analyze(self, request: AnalysisRequest) -> AnalysisResult:
        """Classify the text and pick its facts; the cost is bounded whatever the text."""
        language = detect_language(request.text)
        document = prepare(request, language)
        found = classify(document)
        kind = found.kind
        dates = find_dates(document, receipt=kind is Kind.RECEIPT)
        amounts = () if kind in _WITHOUT_AMOUNTS else find_amounts(document, guess=kind in _WITH_TOTAL)
        parties = (
            mail_parties(document)
            if kind is Kind.EMAIL
            else find_parties(document, letterhead=kind in _WITH_LETTERHEAD)
        )
        facts = Facts(
            kind=kind,
            document_type=one_line(found.document_type, MAX_DOCUMENT_TYPE),
            title=document_title(document, found.title, kind),
            parties=parties,
            amounts=amounts,
            dates=dates,
        )
        return AnalysisResult(
            category=category_for_kind(kind, request.categories) if kind else OTHER,
            document_type=facts.document_type,
            summary=summarize(document, facts),
            language=language,
            dates=dates,
            amounts=amounts,
            parties=parties.names,
            model=MODEL,
        )
