"""Overview: how much is used, what wants attention, what happened."""

import reflex as rx

from clasio_backend.activity.schemas import ActivityRow
from clasio_backend.activity.service import list_latest
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.schemas import DocumentCounts
from clasio_backend.documents.service import count_documents, count_per_day
from clasio_backend.usage.schemas import UsageRow
from clasio_backend.usage.service import read_usage
from clasio_ui import bridge
from clasio_ui.routes import documents_path
from clasio_ui.state.rows import (
    ActivityItem,
    AttentionItem,
    DayItem,
    MeterItem,
    activity_item,
    meter_item,
)
from clasio_ui.state.screen import Screen

SHOWN_METERS = ("documents", "storage_bytes", "fast_analyses", "thorough_analyses")
LATEST = 12
DAYS = 28


class OverviewState(Screen, rx.State):
    meters: list[MeterItem] = []
    plan: str = ""
    days_left: int = 0
    attention: list[AttentionItem] = []
    days: list[DayItem] = []
    latest: list[ActivityItem] = []
    total: int = 0

    async def _fetch(self) -> None:
        usage, counts, days, latest = await bridge.call(self, _overview)
        self.plan, self.days_left = usage.plan, usage.days_left
        self.meters = [meter_item(row) for row in usage.meters if row.meter in SHOWN_METERS]
        self.total = counts.total
        self.attention = attention_items(counts)
        self.days = [DayItem(day, count) for day, count in days]
        self.latest = [activity_item(row) for row in latest]


def _overview(
    uow: UnitOfWork,
) -> tuple[UsageRow, DocumentCounts, list[tuple[str, int]], list[ActivityRow]]:
    return read_usage(uow), count_documents(uow), count_per_day(uow, days=DAYS), list_latest(uow, limit=LATEST)


def attention_items(counts: DocumentCounts) -> list[AttentionItem]:
    """What wants a person: most urgent first, nothing when all is well."""
    found = (
        (counts.infected, "infected", "in quarantine", "bad"),
        (counts.failed, "failed", "failed: try again", "bad"),
        (counts.unreadable, "unreadable", "could not be read", "warn"),
    )
    return [
        AttentionItem(
            f"{count:,} {'document' if count == 1 else 'documents'}", words, documents_path(outcome=outcome), tone
        )
        for count, outcome, words, tone in found
        if count
    ]
