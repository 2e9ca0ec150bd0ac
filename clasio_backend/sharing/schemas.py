from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, EmailStr, Field, SecretStr

from clasio_backend.core.scope import Scope
from clasio_backend.documents.schemas import DocumentDetail

DEFAULT_DAYS = 30
MAX_DAYS = 90
MIN_PASSWORD = 8

Access = Literal["viewer", "editor"]
Days = Annotated[int, Field(ge=1, le=MAX_DAYS)]


class NewShare(BaseModel):
    """With `email` the link is mailed to that person. Without `expires_in_days`: 30 days, or the owners' maximum."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: EmailStr | None = Field(default=None, max_length=320)
    access: Access = "viewer"
    expires_in_days: Days | None = None
    password: SecretStr | None = Field(default=None, min_length=MIN_PASSWORD, max_length=256)


class ShareChange(BaseModel):
    """A new end, counted from now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expires_in_days: Days


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A live share. `email` is None when anyone with the link may open it; `may_revoke` is about the caller."""

    id: UUID
    document_id: UUID
    document_name: str
    email: str | None
    access: Access
    has_password: bool
    shared_by: str
    created_at: datetime
    expires_at: datetime
    open_count: int
    last_opened_at: datetime | None
    may_revoke: bool


@dataclass(frozen=True, slots=True)
class CreatedShare:
    """`link` is shown this once; `is_mailed` says whether a mail server carries it as well."""

    id: UUID
    link: str
    expires_at: datetime
    is_mailed: bool


class Device(StrEnum):
    """As coarse as it can be and still help the sharer recognize an opening."""

    PHONE = "phone"
    TABLET = "tablet"
    COMPUTER = "computer"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class OpenRow:
    """That the share was opened."""

    at: datetime
    kind: Literal["view", "download"]
    device: Device


@dataclass(frozen=True, slots=True)
class Opened:
    """A visitor inside the one document of a share."""

    scope: Scope
    share_id: UUID
    document_id: UUID


@dataclass(frozen=True, slots=True)
class SharedDocument:
    """What the public page shows. `categories` is filled for editors, who may choose one."""

    document: DocumentDetail
    text: str
    is_text_cut: bool
    organization: str
    shared_by: str
    expires_on: date
    may_edit: bool
    categories: tuple[str, ...]
