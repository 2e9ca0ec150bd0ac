"""What stands in an export, line by line: schema version 3. Reading and writing use the same models.

A change of anything here is a new `SCHEMA_VERSION`: a new field gets a default, so that older exports are still read,
and an older Clasio refuses the newer file instead of losing the field. See docs/decisions.
"""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from clasio_backend.models.documents import Outcome, Stage
from clasio_backend.organizations.schemas import RoleName

SCHEMA_VERSION = 3

Label = Annotated[str, StringConstraints(max_length=100)]
Word = Annotated[str, StringConstraints(max_length=20)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[int, Field(ge=0, lt=2**63)]
Count = Annotated[int, Field(ge=0, lt=2**31)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ExportLine(BaseModel):
    """Made from a database row or from a line of JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class OrganizationLine(ExportLine):
    """`organization.json`."""

    id: UUID
    name: Name
    plan: Word
    analysis_mode: Annotated[str, StringConstraints(pattern="^(automatic|on_request|never)$")]
    max_share_days: Annotated[int, Field(ge=1, le=90)]
    created_at: AwareDatetime
    local_only: bool = False


class CategoryLine(ExportLine):
    id: UUID
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    position: Count
    created_at: AwareDatetime
    archived_at: AwareDatetime | None
    never_send: bool = False


class MemberLine(ExportLine):
    """A membership with its person; those who were removed too, because documents still name them."""

    user_id: UUID
    email: Annotated[str, StringConstraints(min_length=1, max_length=320)]
    name: Name
    role: RoleName
    is_active: bool
    created_at: AwareDatetime
    removed_at: AwareDatetime | None


class AmountLine(ExportLine):
    """Money in minor units."""

    label: str
    minor_units: Annotated[int, Field(gt=-(2**63), lt=2**63)]
    currency: str | None


class DocumentLine(ExportLine):
    """A document with everything but its text; `file` is the archive's member with its bytes, None when left out.

    `value_sources` says who set which value: `human`, or the analyzer.
    """

    id: UUID
    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    mime_type: Label
    size_bytes: Size
    sha256: Hash
    source: Word
    uploaded_by: UUID | None
    stage: Stage
    outcome: Outcome
    error_code: Annotated[str, StringConstraints(max_length=60)] | None
    error_message: Annotated[str, StringConstraints(max_length=500)] | None
    scan: Word
    ocr: Word
    page_count: Count | None
    category_id: UUID | None
    document_type: Label | None
    summary: Annotated[str, StringConstraints(max_length=600)] | None
    language: Annotated[str, StringConstraints(max_length=8)] | None
    issued_on: date | None
    due_on: date | None
    expires_on: date | None
    amounts: list[AmountLine]
    parties: list[str]
    value_sources: dict[Label, Word]
    analysis_source: Word | None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    scanned_at: AwareDatetime | None
    read_at: AwareDatetime | None
    searchable_at: AwareDatetime | None
    analysed_at: AwareDatetime | None
    last_accessed_at: AwareDatetime | None
    deleted_at: AwareDatetime | None
    deleted_by: UUID | None
    never_send: bool = False
    analysis_note: Annotated[str, StringConstraints(max_length=500)] | None = None
    file: Annotated[str, StringConstraints(max_length=300)] | None = None


class TextLine(ExportLine):
    document_id: UUID
    text: str
    is_truncated: bool


class AnalysisLine(ExportLine):
    """One AI result, which is also the entry of the cache: content, mode, model and prompt version are its key."""

    id: UUID
    document_id: UUID
    mode: Annotated[str, StringConstraints(pattern="^(fast|thorough)$")]
    source: Word
    model: Label
    prompt_version: Annotated[str, StringConstraints(max_length=40)]
    content_sha256: Hash
    result: dict[str, Any]
    tokens_in: Count
    tokens_out: Count
    created_at: AwareDatetime


class ShareLine(ExportLine):
    """A share as a record: neither its link nor anything that opens it."""

    id: UUID
    document_id: UUID
    created_by: UUID
    email: str | None
    access: str
    created_at: AwareDatetime
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None
    open_count: int
    last_opened_at: AwareDatetime | None


class ActivityLine(ExportLine):
    id: UUID
    at: AwareDatetime
    actor: str
    user_id: UUID | None
    share_id: UUID | None
    action: str
    target_kind: str
    target_id: UUID | None
    details: dict[str, Any]
    request_id: str


class ProfileLine(ExportLine):
    """`profile.json` of a person's export."""

    id: UUID
    email: str
    name: str
    created_at: AwareDatetime
    last_seen_at: AwareDatetime | None
    password_changed_at: AwareDatetime | None


class OwnMembershipLine(ExportLine):
    """A membership in any organization, as the person has it."""

    organization_id: UUID
    organization: str
    role: str
    is_active: bool
    created_at: AwareDatetime


class SessionLine(ExportLine):
    """A signed-in browser, without what signs it in."""

    created_at: AwareDatetime
    last_used_at: AwareDatetime
    expires_at: AwareDatetime
    user_agent: str
    ip_address: str
    provider: str = ""


class IdentityLine(ExportLine):
    """An account elsewhere that signs the person in."""

    issuer: str
    subject: str
    email: str | None
    created_at: AwareDatetime
    last_used_at: AwareDatetime | None


class TokenLine(ExportLine):
    """An API token's name and times, without the token."""

    name: str
    created_at: AwareDatetime
    last_used_at: AwareDatetime | None
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
