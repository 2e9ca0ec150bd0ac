from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from clasio_backend.models.columns import (
    created_field,
    id_field,
    organization_field,
    organization_key,
    tenant_key,
    time_field,
)


class ExportKind(StrEnum):
    ORGANIZATION = "organization"
    PERSON = "person"
    """What one person has in the organization, and their profile."""


class ExportState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    REMOVED = "removed"
    """Nobody sees it any more; the clean-up takes its files and the row."""


class Export(SQLModel, table=True):
    """One file with an organization's or a person's data. It lies in the store under `(id, file_id)`.

    Each attempt of the job writes a file of its own, and only the one that `file_id` names counts. `done` of `total`
    documents are in it so far. From `expires_at` on the row is as good as gone, whatever its state.
    """

    __tablename__ = "exports"
    __table_args__ = (
        organization_key("exports"),
        tenant_key("exports", "requested_by", "memberships", target_column="user_id"),
        CheckConstraint("kind IN ('organization', 'person')", name="ck_exports_kind"),
        CheckConstraint("state IN ('queued', 'running', 'ready', 'failed', 'removed')", name="ck_exports_state"),
        Index(
            "uq_exports_running",
            "organization_id",
            "requested_by",
            "kind",
            unique=True,
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index("ix_exports_expires_at", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    kind: str = Field(max_length=20)
    requested_by: UUID
    state: str = Field(default=ExportState.QUEUED, max_length=20)
    job_id: UUID | None = Field(default=None)
    done: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    total: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    file_id: UUID | None = Field(default=None)
    size_bytes: int | None = Field(default=None, sa_type=BigInteger)
    sha256: str | None = Field(default=None, max_length=64)
    left_out: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    error: str | None = Field(default=None, max_length=500)
    created_at: datetime = created_field()
    finished_at: datetime | None = time_field()
    expires_at: datetime | None = time_field()


class Import(SQLModel, table=True):
    """That this organization came out of an export. Until `finished_at` nobody sees the organization.

    `seen_at` is the importing command's sign of life: when it falls silent, the clean-up removes what it had written.
    With `abandoned_at` it is on its way out and cannot be finished any more.
    """

    __tablename__ = "imports"
    __table_args__ = (
        organization_key("imports"),
        Index("ix_imports_unfinished", "seen_at", postgresql_where=text("finished_at IS NULL")),
    )

    organization_id: UUID = organization_field()
    id: UUID = id_field()
    from_organization_id: UUID
    created_at: datetime = created_field()
    seen_at: datetime = created_field()
    abandoned_at: datetime | None = time_field()
    finished_at: datetime | None = time_field()
