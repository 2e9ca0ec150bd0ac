"""Turns database rows into the rows that pages, API and jobs see."""

from dataclasses import fields

from clasio_backend.core.config import get_settings
from clasio_backend.documents.file_types import file_type_of
from clasio_backend.documents.opening import is_open
from clasio_backend.documents.pages import has_picture
from clasio_backend.documents.repository import Listed
from clasio_backend.documents.schemas import AmountRow, DocumentDetail, DocumentRow, StageError, StageTime
from clasio_backend.models import Document
from clasio_backend.models.documents import Outcome, Scan, Stage


def to_row(listed: Listed) -> DocumentRow:
    document, category, uploader = listed
    file_type, shows_values = file_type_of(document.mime_type), is_open(document)
    return DocumentRow(
        id=document.id,
        name=document.name,
        mime_type=document.mime_type,
        type_label=file_type.label if file_type else document.mime_type,
        size_bytes=document.size_bytes,
        sha256=document.sha256,
        stage=Stage(document.stage),
        outcome=Outcome(document.outcome),
        stage_error=error_of(document),
        page_count=document.page_count,
        has_picture=has_picture(document),
        category=category if shows_values else None,
        document_type=document.document_type if shows_values else None,
        summary=document.summary if shows_values else None,
        analysis_source=document.analysis_source,
        source=document.source,
        uploaded_by=uploader,
        created_at=document.created_at,
    )


def error_of(document: Document) -> StageError | None:
    return StageError(document.error_code, document.error_message or "") if document.error_code else None


def to_detail(listed: Listed, *, waiting: str | None) -> DocumentDetail:
    document, row = listed[0], to_row(listed)
    shows_values = is_open(document)
    return DocumentDetail(
        **{field.name: getattr(row, field.name) for field in fields(row)},
        scan=document.scan,
        scan_signature=document.scan_signature,
        scan_engine=document.scan_engine,
        release_reason=document.release_reason,
        is_open=shows_values,
        can_be_scanned=document.scan == Scan.NOT_SCANNED and get_settings().scans,
        ocr=document.ocr,
        language=document.language if shows_values else None,
        issued_on=document.issued_on if shows_values else None,
        due_on=document.due_on if shows_values else None,
        expires_on=document.expires_on if shows_values else None,
        amounts=tuple(AmountRow(**amount) for amount in document.amounts) if shows_values else (),
        parties=tuple(document.parties) if shows_values else (),
        value_sources=dict(document.value_sources),
        undoable=tuple(sorted(document.earlier_values)),
        never_send=document.never_send,
        analysis_note=document.analysis_note,
        stages=stage_times(document),
        waiting=waiting,
        is_trashed=document.deleted_at is not None,
        last_accessed_at=document.last_accessed_at,
    )


def stage_times(document: Document) -> tuple[StageTime, ...]:
    return (
        StageTime(Stage.RECEIVED, document.created_at),
        StageTime(Stage.SCANNED, document.scanned_at),
        StageTime(Stage.READ, document.read_at),
        StageTime(Stage.SEARCHABLE, document.searchable_at),
        StageTime(Stage.ANALYSED, document.analysed_at),
    )
