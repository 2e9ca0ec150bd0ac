"""What a document's values were before, so that a person's change can be taken back.

`earlier_values` keeps for each value the last few steps, oldest first: `{"value": …, "source": …}` as they stand in
the row. While a person's value is in force, a new analysis renews what AI had said, so that taking back gives its
last word.
"""

from datetime import date
from typing import Any

from clasio_backend.models import Document

HUMAN = "human"
MAX_STEPS = 10
COLUMNS = {"category": "category_id"}
"""Where a value's column is not called as the value is."""


def remember(document: Document, value: str) -> None:
    """Keeps the value in force as the step that can be taken back."""
    steps = [*document.earlier_values.get(value, []), _step(document, value)]
    document.earlier_values = document.earlier_values | {value: steps[-MAX_STEPS:]}


def take_back(document: Document, value: str) -> dict[str, Any] | None:
    """Removes the last step and returns it; None when there is none."""
    steps = list(document.earlier_values.get(value, []))
    if not steps:
        return None
    last = steps.pop()
    rest = {name: kept for name, kept in document.earlier_values.items() if name != value}
    document.earlier_values = rest | ({value: steps} if steps else {})
    return last


def renew(document: Document, value: str, said: Any, source: str) -> None:
    """Puts what AI says now in place of what it had said before; what people had set stays."""
    steps = document.earlier_values.get(value)
    if steps:
        new = {"value": plain(said), "source": source}
        renewed = [step if step["source"] == HUMAN else new for step in steps]
        document.earlier_values = document.earlier_values | {value: renewed}


def plain(value: Any) -> Any:
    """As JSON holds it."""
    if value is None or isinstance(value, str | list):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _step(document: Document, value: str) -> dict[str, Any]:
    present = getattr(document, COLUMNS.get(value, value))
    return {"value": plain(present), "source": document.value_sources.get(value)}
