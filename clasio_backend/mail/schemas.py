from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A message that no mail server took, as the operator reads it."""

    id: UUID
    created_at: datetime
    to_address: str
    subject: str
    text: str
