from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Documents = Literal["stay", "go"]


class AccountDeletion(BaseModel):
    """What a person decides: their documents stay with the organizations, or go to the trash there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    documents: Documents
    password: SecretStr = Field(max_length=256)


class OrganizationDeletion(BaseModel):
    """The organization's name, typed, and the owner's own password."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(max_length=200)
    password: SecretStr = Field(max_length=256)


class Fate(StrEnum):
    """What becomes of an organization when one of its people deletes their account."""

    LEAVES = "leaves"
    """The person leaves, it goes on."""
    GOES = "goes"
    """Nobody else is in it: it is deleted with the account."""
    CLOSING = "closing"
    """It waits for its own deletion, which comes first."""
    BLOCKED = "blocked"
    """Others are in it, and none of them is an owner who stays."""


@dataclass(frozen=True, slots=True)
class OrganizationFate:
    id: UUID
    name: str
    fate: Fate


@dataclass(frozen=True, slots=True)
class AccountDeletionRow:
    """`due_at` is None while nothing is asked for. `refusal` is the sentence that stands in the way, or empty."""

    due_at: datetime | None
    documents: Documents
    organizations: tuple[OrganizationFate, ...]
    refusal: str


@dataclass(frozen=True, slots=True)
class OrganizationDeletionRow:
    """`due_at` is None while nobody has asked for it; `may_delete` says whether the caller may ask or call it off."""

    name: str
    due_at: datetime | None
    may_delete: bool
