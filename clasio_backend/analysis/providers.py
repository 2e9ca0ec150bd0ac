"""Which analyzer runs."""

from functools import lru_cache

from clasio_backend.analysis.analyzer import Analyzer
from clasio_backend.analysis.local import LocalAnalyzer


@lru_cache(maxsize=1)
def get_analyzer() -> Analyzer:
    """The built-in local analyzer: deterministic, offline, unmetered, and labelled "Local" wherever it shows."""
    return LocalAnalyzer()
