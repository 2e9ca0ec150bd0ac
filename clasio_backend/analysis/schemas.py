from dataclasses import dataclass

from clasio_backend.analysis.analyzer import Mode
from clasio_backend.documents.schemas import ArchiveQuery


class BulkAnalysis(ArchiveQuery):
    """The documents with these ids, or all that fit the filters, to be analysed in one mode."""

    mode: Mode = "fast"


@dataclass(frozen=True, slots=True)
class BulkEstimate:
    """What analysing so many documents takes, at most: what was analysed in the same way before costs nothing.

    `left` is how many analyses of this mode the month has left; None when the local analyzer does it, which is free.
    """

    mode: Mode
    documents: int
    tokens: int
    left: int | None
    limit: int | None
    tokens_left: int | None


@dataclass(frozen=True, slots=True)
class BulkStarted:
    """How many analyses were queued."""

    documents: int


@dataclass(frozen=True, slots=True)
class AnalysisProgress:
    """Analyses that are queued or running; `waiting` of them wait for a limit to start anew."""

    open: int
    waiting: int
