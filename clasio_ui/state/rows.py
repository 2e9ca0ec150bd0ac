"""What pages show, as plain frozen rows: text, numbers and flags only, one page of them at a time."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from clasio_backend.activity.schemas import ActivityRow
from clasio_backend.core.clock import now
from clasio_backend.documents.pages import can_be_drawn
from clasio_backend.documents.schemas import DocumentDetail, DocumentRow
from clasio_backend.models.documents import Outcome, Scan, Stage
from clasio_backend.search.schemas import SearchHit, SnippetPart
from clasio_ui.routes import document_path, pages_path, thumbnail_path

STAGE_LABELS = {
    Stage.RECEIVED: "Received",
    Stage.SCANNED: "Scanned",
    Stage.READ: "Read",
    Stage.SEARCHABLE: "Searchable",
    Stage.ANALYSED: "Analysed",
}
OUTCOME_LABELS = {
    Outcome.PENDING: "In work",
    Outcome.DONE: "Done",
    Outcome.INFECTED: "Infected",
    Outcome.UNREADABLE: "Not readable",
    Outcome.SKIPPED: "Not analysed",
    Outcome.FAILED: "Failed",
}
SOURCE_LABELS = {"local": "Local", "gemini": "Gemini", "human": "You"}


def iso(moment: datetime | date | None) -> str:
    return moment.isoformat() if moment else ""


def days_left(moment: datetime) -> int:
    """Whole days until then, begun ones counted: 1 on the last day."""
    return max(1, math.ceil((moment - now()) / timedelta(days=1)))


def in_days(verb: str, days: int) -> str:
    """("Ends", 3) → `Ends in 3 days`."""
    return f"{verb} within a day" if days == 1 else f"{verb} in {days} days"


@dataclass(frozen=True)
class DocumentItem:
    """One line of a list of documents; `picture` is the address of its first page, small.

    Times are ISO 8601 in UTC; the page shows them in the viewer's zone.
    """

    id: str
    name: str
    href: str
    mime_type: str
    type_label: str
    size_bytes: int
    stage: str
    stage_label: str
    outcome: str
    outcome_label: str
    error: str
    category: str
    document_type: str
    summary: str
    analysed_by: str
    who: str
    pages: str
    created_at: str
    picture: str = ""


def document_item(row: DocumentRow) -> DocumentItem:
    return DocumentItem(
        id=str(row.id),
        name=row.name,
        href=document_path(str(row.id)),
        mime_type=row.mime_type,
        type_label=row.type_label,
        size_bytes=row.size_bytes,
        stage=row.stage.value,
        stage_label=STAGE_LABELS[row.stage],
        outcome=row.outcome.value,
        outcome_label=OUTCOME_LABELS[row.outcome],
        error=row.stage_error.message if row.stage_error else "",
        category=row.category or "",
        document_type=row.document_type or "",
        summary=row.summary or "",
        analysed_by=SOURCE_LABELS.get(row.analysis_source or "", ""),
        who=row.uploaded_by or "",
        pages="" if not row.page_count else f"{row.page_count:,} page{'' if row.page_count == 1 else 's'}",
        created_at=iso(row.created_at),
        picture=thumbnail_path(str(row.id)) if row.has_picture else "",
    )


@dataclass(frozen=True)
class StageItem:
    """One step of the timeline; `state` is `done`, `now`, `failed` or `todo`."""

    label: str
    at: str
    state: str


def stage_items(detail: DocumentDetail) -> list[StageItem]:
    reached = list(Stage).index(detail.stage)
    items = []
    for index, step in enumerate(detail.stages):
        state = "done" if index <= reached else "todo"
        if index == reached + 1 and detail.outcome == Outcome.PENDING:
            state = "now"
        if index == reached + 1 and detail.outcome in {Outcome.FAILED, Outcome.UNREADABLE, Outcome.INFECTED}:
            state = "failed"
        items.append(StageItem(STAGE_LABELS[step.stage], iso(step.at) if state == "done" else "", state))
    return items


@dataclass(frozen=True)
class AmountItem:
    label: str
    amount: str


def _pages_url(detail: DocumentDetail) -> str:
    """Pages can be looked at while the text is being recognised; not where reading failed, which is said in words."""
    is_early = detail.outcome == Outcome.PENDING and detail.is_open and can_be_drawn(detail.mime_type)
    return pages_path(str(detail.id)) if detail.has_picture or is_early else ""


SCAN_LABELS = {
    Scan.PENDING: "Not scanned yet",
    Scan.NOT_SCANNED: "Not scanned",
    Scan.CLEAN: "Scanned: clean",
    Scan.INFECTED: "Infected",
    Scan.BLOCKED: "Cannot be scanned",
    Scan.RELEASED: "Released from quarantine",
}


@dataclass(frozen=True)
class DocumentView:
    """Everything on a document's page but its text and its activity. Without `pages_url` its text is all to see.

    A `…_by` says who set the value: Local, Gemini, You.
    """

    item: DocumentItem
    scan: str = ""
    is_alarming: bool = False
    found: str = ""
    release_reason: str = ""
    is_open: bool = True
    is_caught: bool = False
    ocr: str = ""
    language: str = ""
    issued_on: str = ""
    due_on: str = ""
    expires_on: str = ""
    category_by: str = ""
    document_type_by: str = ""
    summary_by: str = ""
    issued_on_by: str = ""
    due_on_by: str = ""
    expires_on_by: str = ""
    language_by: str = ""
    amounts_by: str = ""
    parties_by: str = ""
    undoable: list[str] = field(default_factory=list)
    never_send: bool = False
    note: str = ""
    amounts: list[AmountItem] = field(default_factory=list)
    parties: list[str] = field(default_factory=list)
    stages: list[StageItem] = field(default_factory=list)
    waiting: str = ""
    is_trashed: bool = False
    can_retry: bool = False
    can_be_scanned: bool = False
    page_count: int = 0
    pages_url: str = ""


def document_view(detail: DocumentDetail) -> DocumentView:
    def by(value: str) -> str:
        """Who set it; nobody is named for what is empty."""
        return SOURCE_LABELS.get(detail.value_sources.get(value, ""), "") if getattr(detail, value) else ""

    return DocumentView(
        item=document_item(detail),
        pages_url=_pages_url(detail),
        scan=SCAN_LABELS.get(detail.scan, ""),
        is_alarming=detail.scan in {Scan.INFECTED, Scan.BLOCKED, Scan.RELEASED},
        found=detail.scan_signature or "",
        release_reason=detail.release_reason or "",
        is_open=detail.is_open,
        is_caught=detail.outcome == Outcome.INFECTED,
        ocr={"used": "Text recognised from the picture", "missing": "Text recognition is not installed"}.get(
            detail.ocr, ""
        ),
        language=detail.language or "",
        issued_on=iso(detail.issued_on),
        due_on=iso(detail.due_on),
        expires_on=iso(detail.expires_on),
        category_by=by("category"),
        document_type_by=by("document_type"),
        summary_by=by("summary"),
        issued_on_by=by("issued_on"),
        due_on_by=by("due_on"),
        expires_on_by=by("expires_on"),
        language_by=by("language"),
        amounts_by=by("amounts"),
        parties_by=by("parties"),
        undoable=list(detail.undoable),
        never_send=detail.never_send,
        note=detail.analysis_note or "",
        amounts=[AmountItem(a.label, money(a.minor_units, a.currency)) for a in detail.amounts],
        parties=list(detail.parties),
        stages=stage_items(detail),
        waiting=detail.waiting or "",
        is_trashed=detail.is_trashed,
        can_be_scanned=detail.can_be_scanned,
        page_count=detail.page_count or 0,
        can_retry=detail.outcome in {Outcome.FAILED, Outcome.UNREADABLE},
    )


_NO_MINOR_UNITS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})


def money(minor_units: int, currency: str | None) -> str:
    """12345 and EUR → `123.45 EUR`."""
    if currency in _NO_MINOR_UNITS:
        return f"{minor_units:,} {currency}"
    return f"{minor_units / 100:,.2f} {currency or ''}".strip()


@dataclass(frozen=True)
class PartItem:
    """A piece of a snippet; `marked` when it matches the query."""

    text: str
    marked: bool


def part_items(parts: tuple[SnippetPart, ...]) -> list[PartItem]:
    return [PartItem(part.text, part.marked) for part in parts]


@dataclass(frozen=True)
class HitItem:
    item: DocumentItem
    name: list[PartItem]
    snippet: list[PartItem]


def hit_item(hit: SearchHit, q: str) -> HitItem:
    """It opens with what was looked for marked."""
    item = replace(document_item(hit.document), href=document_path(str(hit.document.id), q))
    return HitItem(item, part_items(hit.name), part_items(hit.snippet))


@dataclass(frozen=True)
class FacetItem:
    value: str
    hits: int


@dataclass(frozen=True)
class ActivityItem:
    """`before` is when the entry above it was; empty for the first."""

    id: str
    at: str
    before: str
    who: str
    sentence: str
    target_name: str
    href: str
    detail: str


def activity_items(rows: Iterable[ActivityRow]) -> list[ActivityItem]:
    items: list[ActivityItem] = []
    for row in rows:
        items.append(_activity_item(row, before=items[-1].at if items else ""))
    return items


def _activity_item(row: ActivityRow, *, before: str) -> ActivityItem:
    is_document = row.target_kind == "document" and row.target_id is not None
    return ActivityItem(
        id=str(row.id),
        at=iso(row.at),
        before=before,
        who=row.who,
        sentence=row.sentence,
        target_name=row.target_name,
        href=document_path(str(row.target_id)) if is_document else "",
        detail=row.detail,
    )


@dataclass(frozen=True)
class AttentionItem:
    """Something the person should look at, with where to do it."""

    label: str
    detail: str
    href: str
    tone: str


@dataclass(frozen=True)
class OrganizationItem:
    id: str
    name: str
    is_current: bool


@dataclass(frozen=True)
class NoticeItem:
    """One sentence; `tone` is `info`, `good` or `bad` (which stays until it is closed)."""

    id: int
    text: str
    tone: str
    undo_id: str = ""
