"""Meters and limits in words: the same in refusals, in mail and in the activity."""

from datetime import datetime

from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import QuotaExceeded
from clasio_backend.usage.plans import MEGABYTE, MONTHLY, UPGRADE_PATH, Meter, Plan

NAMES = {
    Meter.DOCUMENTS: "documents",
    Meter.STORAGE_BYTES: "storage",
    Meter.FAST_ANALYSES: "fast analyses this month",
    Meter.THOROUGH_ANALYSES: "thorough analyses this month",
    Meter.AI_TOKENS: "AI tokens this month",
}
PER_HOUR = "analyses_per_hour"
MAKES_ROOM = "Move what is no longer needed to the trash; an owner can upgrade the plan."
STARTS_ANEW = "It starts anew with the next month; an owner can upgrade the plan before."


def upgrade_url() -> str:
    """Where a plan is upgraded, as people open it."""
    return f"{get_settings().base_url}{UPGRADE_PATH}"


def used_of_limit(meter: Meter, used: int, plan: Plan) -> str:
    """`400 of 500 documents`, `970 of 1,000 MB of storage`."""
    is_size = meter == Meter.STORAGE_BYTES
    divisor = MEGABYTE if is_size else 1
    return f"{used // divisor:,} of {plan.limits[meter] // divisor:,} {'MB of ' if is_size else ''}{NAMES[meter]}"


def refusal(meter: Meter, used: int, plan: Plan) -> QuotaExceeded:
    """What somebody is told whose use would pass the limit: used, limit, plan, and what to do."""
    limit = plan.limits[meter]
    what = "'s limit is reached" if used >= limit else " has no room for this"
    return QuotaExceeded(
        f"The {plan.name} plan{what}: {used_of_limit(meter, used, plan)} are used. "
        + (STARTS_ANEW if meter in MONTHLY else MAKES_ROOM),
        meter=meter,
        used=used,
        limit=limit,
        plan=plan.name,
        upgrade_url=upgrade_url(),
    )


def hourly_refusal(used: int, plan: Plan, anew: datetime) -> QuotaExceeded:
    """The same for analyses per hour, which start anew at `anew`."""
    limit = plan.analyses_per_hour
    return QuotaExceeded(
        f"The {plan.name} plan's limit is reached: {used:,} of {limit:,} analyses this hour are used. "
        f"It starts anew at {anew:%H:%M} UTC; an owner can upgrade the plan before.",
        meter=PER_HOUR,
        used=used,
        limit=limit,
        plan=plan.name,
        upgrade_url=upgrade_url(),
    )
