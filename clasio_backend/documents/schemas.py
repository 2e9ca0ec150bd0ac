"""What goes in and out of the documents' services. Rows are frozen and safe to show: no ORM row leaves a service."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from clasio_backend.core.errors import ClasioError
from clasio_backend.documents.names import clean_name
from clasio_backend.models.documents import Outcome, Stage

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200

Source = Literal["upload", "api", "drive", "demo"]
DocumentName = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(clean_name)]


def _without_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not contain NUL characters")
    return value


Text = Annotated[str, AfterValidator(_without_nul)]
"""Text as Postgres takes it."""
LANGUAGE = r"^[A-Za-z]{2}$"
"""By ISO 639-1."""
ShortText = Annotated[Text, StringConstraints(strip_whitespace=True, max_length=100)]


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    NAME_REVERSED = "name_reversed"
    LARGEST = "largest"
    SMALLEST = "smallest"


@dataclass(frozen=True, slots=True)
class StageError:
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One line of a list. `size_bytes` in bytes; `type_label` is the type in words ("PDF").

    `has_picture` says that its first page can be asked for as a picture.
    """

    id: UUID
    name: str
    mime_type: str
    type_label: str
    size_bytes: int
    sha256: str
    stage: Stage
    outcome: Outcome
    stage_error: StageError | None
    page_count: int | None
    has_picture: bool
    category: str | None
    document_type: str | None
    summary: str | None
    analysis_source: str | None
    source: str
    uploaded_by: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentState:
    """How far a document is, without anything that it says. `waiting` is why the next step has not begun, in words."""

    id: UUID
    stage: Stage
    outcome: Outcome
    stage_error: StageError | None
    waiting: str | None


@dataclass(frozen=True, slots=True)
class StageTime:
    """When a stage was reached; None while it has not been."""

    stage: Stage
    at: datetime | None


@dataclass(frozen=True, slots=True)
class AmountRow:
    """Money in minor units (cents); `currency` by ISO 4217."""

    label: str
    minor_units: int
    currency: str | None


@dataclass(frozen=True, slots=True)
class DocumentDetail(DocumentRow):
    """A document with everything its page shows. `value_sources` maps a value's name to local, gemini or human.

    `undoable` names the values whose last change by a person can be taken back. `analysis_note` says why the last
    analysis was not the one that was asked for, such as "Not sent to Gemini: …". `waiting` says why work on it has not
    begun.
    """

    scan: str
    scan_signature: str | None
    scan_engine: str | None
    release_reason: str | None
    is_open: bool
    can_be_scanned: bool
    ocr: str
    language: str | None
    issued_on: date | None
    due_on: date | None
    expires_on: date | None
    amounts: tuple[AmountRow, ...]
    parties: tuple[str, ...]
    value_sources: dict[str, str]
    undoable: tuple[str, ...]
    never_send: bool
    analysis_note: str | None
    stages: tuple[StageTime, ...]
    waiting: str | None
    is_trashed: bool
    last_accessed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DocumentTextRow:
    """What was read, pages separated by form feeds; `is_truncated` when it was too long to keep whole."""

    text: str
    is_truncated: bool


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """One page of a list; `next_cursor` is None on the last."""

    items: tuple[DocumentRow, ...]
    next_cursor: str | None


class DocumentFilter(BaseModel):
    """What narrows a list or a search; every field is optional."""

    model_config = ConfigDict(frozen=True)

    category: ShortText | None = None
    type: ShortText | None = None
    stage: Stage | None = None
    uploaded_by: UUID | None = None
    source: Source | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    outcome: Outcome | None = None


class DocumentQuery(DocumentFilter):
    sort: Sort = Sort.NEWEST
    cursor: str | None = Field(default=None, max_length=600)
    limit: int = Field(default=PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)


MAX_BULK = 200


class BulkRequest(BaseModel):
    """One action on up to 200 documents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Literal["trash", "restore", "retry", "analyse", "purge"]
    ids: list[UUID] = Field(min_length=1, max_length=MAX_BULK)


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of one of them: `code` is `done`, or the refusal's, with its sentence."""

    id: UUID
    name: str
    code: str
    message: str


class TrashQuery(BaseModel):
    model_config = ConfigDict(frozen=True)

    cursor: str | None = Field(default=None, max_length=600)
    limit: int = Field(default=PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)


class ArchiveQuery(DocumentFilter):
    """The documents with these ids, or all that fit the filters."""

    ids: list[UUID] = Field(default_factory=list, max_length=MAX_BULK)


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """One file of an archive, under the name it has there."""

    document_id: UUID
    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class TrashedRow:
    """A document in the trash; `purged_at` is when it goes for good."""

    document: DocumentRow
    deleted_at: datetime
    deleted_by: str | None
    purged_at: datetime


@dataclass(frozen=True, slots=True)
class TrashPage:
    items: tuple[TrashedRow, ...]
    next_cursor: str | None


class QuarantineQuery(BaseModel):
    model_config = ConfigDict(frozen=True)

    cursor: str | None = Field(default=None, max_length=600)
    limit: int = Field(default=PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A document that was caught. `signature` is what the scanner found, or which limit kept it from looking."""

    document: DocumentRow
    signature: str
    engine: str
    caught_at: datetime


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    items: tuple[QuarantinedRow, ...]
    next_cursor: str | None


class Release(BaseModel):
    """Why a document may be opened although it was caught; kept with the document and in the activity."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500), AfterValidator(_without_nul)
    ]


class DocumentChange(BaseModel):
    """An edit by a person; what is not sent stays, what is sent as null is emptied."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: DocumentName | None = None
    category: ShortText | None = None
    document_type: ShortText | None = None
    summary: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=600)] | None = None
    language: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=LANGUAGE)] | None = None
    issued_on: date | None = None
    due_on: date | None = None
    expires_on: date | None = None
    never_send: bool | None = None


class ValueChoice(BaseModel):
    """One of the values that an analysis sets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Literal[
        "category",
        "document_type",
        "summary",
        "language",
        "issued_on",
        "due_on",
        "expires_on",
        "amounts",
        "parties",
    ]


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A received file, still outside the store: where it lies, what it was called, how long it is and its hash."""

    path: Path
    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class UploadLimit:
    """The most bytes that an upload may bring, and what is said to one that brings more."""

    size_bytes: int
    refusal: ClasioError


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a document, for a download."""

    name: str
    mime_type: str
    size_bytes: int
    sha256: str
    organization_id: UUID


@dataclass(frozen=True, slots=True)
class DocumentCounts:
    """For the overview: how many documents there are in each outcome that wants attention."""

    total: int
    pending: int
    failed: int
    unreadable: int
    infected: int
