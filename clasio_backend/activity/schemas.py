from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One entry, in words: "Ada Example uploaded" and, where there is one, the document's name."""

    id: UUID
    at: datetime
    who: str
    action: str
    sentence: str
    target_kind: str
    target_id: UUID | None
    target_name: str
