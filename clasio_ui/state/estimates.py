"""What many analyses take, and how many are still to be done, in words."""

from dataclasses import dataclass

from clasio_backend.analysis.schemas import AnalysisProgress, BulkEstimate
from clasio_ui.state.selecting import documents

FEW = 3
"""So many are shown by their rows alone."""


@dataclass(frozen=True)
class EstimateItem:
    """`size` is "412 documents, about 1.3 M tokens"; `cost` and `limit` are sentences, `limit` only when it matters."""

    documents: int = 0
    size: str = ""
    cost: str = ""
    limit: str = ""


def estimate_item(row: BulkEstimate) -> EstimateItem:
    if row.left is None or row.limit is None or row.tokens_left is None:
        return EstimateItem(row.documents, documents(row.documents), "The built-in analyzer does this. It is free.")
    taken = f"This takes at most {row.documents:,} of the {row.left:,} {row.mode} analyses left this month. "
    if row.documents > row.left:
        taken = f"This takes up to {row.documents:,} {row.mode} analyses, and {row.left:,} are left this month. "
    fits = row.documents <= row.left and row.tokens <= row.tokens_left
    return EstimateItem(
        row.documents,
        f"{documents(row.documents)}, about {tokens(row.tokens)}",
        taken + "What was analysed in the same way before costs nothing.",
        "" if fits else "What finds no room waits, and starts by itself next month or with another plan.",
    )


def tokens(count: int) -> str:
    """1312000 → `1.3 M tokens`."""
    if count >= 1_000_000:
        return f"{count / 1_000_000:.1f} M tokens"
    return f"{max(1, round(count / 1_000)):,} thousand tokens"


def progress_words(row: AnalysisProgress) -> str:
    """Nothing while there is little to do and nothing waits."""
    if row.waiting == row.open > 0:
        return f"{documents(row.open)} waiting for an analysis until the plan has room."
    if row.waiting:
        return f"{documents(row.open)} to be analysed, {row.waiting:,} of them waiting until the plan has room."
    return f"{documents(row.open)} to be analysed." if row.open > FEW else ""
