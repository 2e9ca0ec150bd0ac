"""Overview: how much is used, what wants attention, what happened."""

import reflex as rx

from clasio_backend.activity.schemas import ActivityRow
from clasio_backend.activity.service import list_latest
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.schemas import DocumentCounts
from clasio_backend.documents.service import count_documents
from clasio_backend.sharing.schemas import ShareRow
from clasio_backend.sharing.service import list_shares
from clasio_backend.usage.reports import list_days
from clasio_backend.usage.schemas import DayRow, DaysQuery, UsageRow
from clasio_backend.usage.service import read_usage
from clasio_ui import bridge
from clasio_ui.routes import SHARED, documents_path
from clasio_ui.state.meters import WARN, DayItem, LimitItem, MeterItem, day_items, limit_items, meter_item
from clasio_ui.state.rows import ActivityItem, AttentionItem, activity_items, days_left
from clasio_ui.state.screen import Screen
from clasio_ui.state.sharing import ENDS_SOON_DAYS

SHOWN_METERS = ("documents", "storage_bytes", "fast_analyses", "thorough_analyses")
LATEST = 12
DAYS = 28


class OverviewState(Screen, rx.State):
    limits: list[LimitItem] = []
    meters: list[MeterItem] = []
    plan: str = ""
    days_left: int = 0
    attention: list[AttentionItem] = []
    days: list[DayItem] = []
    latest: list[ActivityItem] = []
    total: int = 0

    async def _fetch(self) -> None:
        usage, counts, days, latest, shares = await bridge.call(self, _overview)
        self.plan, self.days_left = usage.plan, usage.days_left
        self.limits = limit_items(usage, least=WARN)
        self.meters = [meter_item(row) for row in usage.meters if row.meter in SHOWN_METERS]
        self.total = counts.total
        self.attention = [*attention_items(counts), *ending_items(shares)]
        self.days = day_items(days)
        self.latest = activity_items(latest)


def _overview(
    uow: UnitOfWork,
) -> tuple[UsageRow, DocumentCounts, list[DayRow], list[ActivityRow], list[ShareRow]]:
    days = list_days(uow, DaysQuery(days=DAYS))
    return read_usage(uow), count_documents(uow), days, list_latest(uow, limit=LATEST), list_shares(uow)


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


def ending_items(shares: list[ShareRow]) -> list[AttentionItem]:
    """The shares that end within days, in one line."""
    ending = sum(days_left(share.expires_at) <= ENDS_SOON_DAYS for share in shares)
    label, verb = ("1 share", "ends") if ending == 1 else (f"{ending:,} shares", "end")
    return [AttentionItem(label, f"{verb} within {ENDS_SOON_DAYS} days", SHARED, "warn")] if ending else []
