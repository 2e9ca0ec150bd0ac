from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


class Subject(StrEnum):
    """What an entry is about; the first part of its action's name."""

    DOCUMENTS = "document"
    SHARES = "share"
    MEMBERS = "member"
    INVITES = "invite"
    SIGN_INS = "account"
    CATEGORIES = "category"
    TOKENS = "token"
    ORGANIZATION = "organization"
    ACTIVITY = "activity"
    EXPORTS = "export"


class ActivityFilter(BaseModel):
    """What narrows the list; every field is optional. `since` is included, `until` is not."""

    model_config = ConfigDict(frozen=True)

    person: UUID | None = None
    subject: Subject | None = None
    document_id: UUID | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class ActivityQuery(ActivityFilter):
    cursor: str | None = Field(default=None, max_length=600)
    limit: int = Field(default=PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One entry, in words: who, what they did ("changed the role of"), to what, and how ("from member to owner")."""

    id: UUID
    at: datetime
    who: str
    action: str
    sentence: str
    target_kind: str
    target_id: UUID | None
    target_name: str
    detail: str
    request_id: str


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Newest first; `next_cursor` is None on the last page."""

    items: tuple[ActivityRow, ...]
    next_cursor: str | None
