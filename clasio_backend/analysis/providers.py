"""Which analyzer runs."""

from functools import lru_cache

from clasio_backend.analysis.analyzer import AnalysisRequest
from clasio_backend.analysis.gemini import GeminiAnalyzer
from clasio_backend.analysis.local import LocalAnalyzer
from clasio_backend.analysis.prompt import excerpt
from clasio_backend.core.config import get_settings


@lru_cache(maxsize=1)
def get_analyzer() -> GeminiAnalyzer | LocalAnalyzer:
    """Gemini where the operator set it up, else the built-in one: deterministic, offline, unmetered, "Local"."""
    settings = get_settings()
    if not settings.asks_model:
        return LocalAnalyzer()
    return GeminiAnalyzer(settings.gemini_model_fast, settings.gemini_model_thorough)


def analyzer_for(request: AnalysisRequest) -> GeminiAnalyzer | LocalAnalyzer:
    """Who analyses this document: without text or bytes there is nothing to send, and its name is enough for local."""
    analyzer = get_analyzer()
    if isinstance(analyzer, GeminiAnalyzer) and not request.has_content and not excerpt(request).strip():
        return LocalAnalyzer()
    return analyzer
