from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, SecretStr

from clasio_backend.accounts.schemas import Line

RoleName = Literal["owner", "member"]
RESERVED = "other"
"""What an analysis says when none of the categories fits."""


def _not_reserved(name: str) -> str:
    if name.lower() == RESERVED:
        raise ValueError("“Other” is what documents without a category are called. Choose another name")
    return name


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """Of the organization's list. Documents of a category with `never_send` are analysed on this machine only.

    An archived one stays on its documents and is not offered. `merged_into` is the category that takes its documents
    over, while that is under way.
    """

    id: UUID
    name: str
    never_send: bool
    is_archived: bool
    merged_into: UUID | None


CategoryName = Annotated[Line, Field(max_length=100), AfterValidator(_not_reserved)]


class NewCategory(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: CategoryName
    never_send: bool = False


class CategoryChange(BaseModel):
    """What an owner may change; what is left out stays. `place` is the position in the list, from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: CategoryName | None = None
    never_send: bool | None = None
    is_archived: bool | None = None
    place: int | None = Field(default=None, ge=1, le=1000)


class CategoryMerge(BaseModel):
    """`into` is the category that takes the documents over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    into: UUID


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A member as others see them; `is_active` is false while the membership is switched off.

    `has_second_factor` is for owners to see; to others it is None.
    """

    id: UUID
    name: str
    email: str
    role: str
    is_active: bool
    joined_at: datetime
    last_seen_at: datetime | None
    has_second_factor: bool | None = None


class MemberChange(BaseModel):
    """What an owner may change of a membership; what is left out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: RoleName | None = None
    is_active: bool | None = None


@dataclass(frozen=True, slots=True)
class OrganizationSettings:
    """`analysis_mode` is `automatic`, `on_request` or `never`; `max_share_days` the longest that a share may last.

    With `local_only` no document's text is sent to an AI outside this machine. With `requires_second_factor` nobody
    gets in who has not turned two-factor sign-in on.
    """

    id: UUID
    name: str
    plan: str
    analysis_mode: str
    local_only: bool
    max_share_days: int
    requires_second_factor: bool


class OrganizationChange(BaseModel):
    """What owners may change; what is left out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Line | None = None
    analysis_mode: Literal["automatic", "on_request", "never"] | None = None
    local_only: bool | None = None
    max_share_days: int | None = Field(default=None, ge=1, le=90)
    requires_second_factor: bool | None = None


class NewInvite(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    email: EmailStr = Field(max_length=320)
    role: RoleName = "member"


class InviteAnswer(BaseModel):
    """What the invited person types: a new one gives name and password, a known one only the password."""

    model_config = ConfigDict(frozen=True)

    name: Line | None = None
    password: SecretStr = Field(max_length=256)


@dataclass(frozen=True, slots=True)
class InviteRow:
    """An invite that waits, or that waited too long."""

    id: UUID
    email: str
    role: str
    invited_by: str
    sent_at: datetime
    expires_at: datetime
    is_expired: bool


@dataclass(frozen=True, slots=True)
class SentInvite:
    """`link` is shown this once; `is_mailed` says whether a mail server carries it as well."""

    id: UUID
    email: str
    role: str
    expires_at: datetime
    link: str
    is_mailed: bool


@dataclass(frozen=True, slots=True)
class InviteView:
    """What the invited person sees before they accept."""

    organization: str
    invited_by: str
    email: str
    role: str
    has_account: bool
