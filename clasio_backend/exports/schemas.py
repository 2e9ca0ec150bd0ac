from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

KindName = Literal["organization", "person"]


class NewExport(BaseModel):
    """What is wanted: everything of the organization, or what the caller has in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: KindName


@dataclass(frozen=True, slots=True)
class ExportRow:
    """`done` of `total` documents are in the file; `left_out` of them without their bytes (the manifest says why).

    `size_bytes`, `sha256` (of the whole file) and `expires_at` are there once `state` is `ready`.
    """

    id: UUID
    kind: KindName
    state: str
    requested_by: str
    done: int
    total: int
    left_out: int
    size_bytes: int | None
    sha256: str | None
    error: str | None
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    job_id: UUID | None


@dataclass(frozen=True, slots=True)
class ExportContent:
    """The file, for a download."""

    organization_id: UUID
    path: str
    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Imported:
    """`links` are for people who are new here: address → one-time link to choose a password.

    `left_out` counts documents that came without their bytes, `queued` those that still have to be read or analysed.
    """

    organization_id: UUID
    name: str
    documents: int
    left_out: int
    queued: int
    members: int
    links: dict[str, str]
