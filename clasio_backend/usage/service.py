"""Meters and limits. Every use is checked and counted in one atomic statement, in the transaction of what it counts."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date

from clasio_backend.core.clock import month_of, now
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import QuotaExceeded
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.usage.plans import GAUGE, MEGABYTE, MONTHLY, PLANS, Meter, Plan
from clasio_backend.usage.repository import UsageRepository
from clasio_backend.usage.schemas import MeterRow, UsageRow

_WORDS = {
    Meter.DOCUMENTS: "documents",
    Meter.STORAGE_BYTES: "MB of storage",
    Meter.FAST_ANALYSES: "fast analyses this month",
    Meter.THOROUGH_ANALYSES: "thorough analyses this month",
    Meter.AI_TOKENS: "AI tokens this month",
}


def period_of(meter: Meter) -> date:
    """The period that counts now: this month, or `GAUGE` for levels."""
    return month_of(now()) if meter in MONTHLY else GAUGE


def count(uow: UnitOfWork, amounts: Mapping[Meter, int]) -> None:
    """Counts all of `amounts`, or raises `QuotaExceeded` and, with the transaction undone, counts nothing."""
    usage = uow.repository(UsageRepository)
    plan = PLANS[usage.plan_name()]
    for meter, amount in amounts.items():
        if not usage.add_within(meter, period_of(meter), amount, plan.limits[meter]):
            raise _exceeded(meter, usage.used(meter, period_of(meter)), plan)


def give_back(uow: UnitOfWork, meter: Meter, amount: int) -> None:
    """Takes back what `count` counted, when the thing counted is gone."""
    uow.repository(UsageRepository).subtract(meter, period_of(meter), amount)


def check_room(uow: UnitOfWork, *, documents: int = 1, size_bytes: int = 0) -> None:
    """Raises `QuotaExceeded` when that much would not fit now; counts nothing, so `count` may still refuse later."""
    usage = uow.repository(UsageRepository)
    plan = PLANS[usage.plan_name()]
    used = usage.all_used({GAUGE})
    for meter, amount in ((Meter.DOCUMENTS, documents), (Meter.STORAGE_BYTES, size_bytes)):
        before = used.get((meter.value, GAUGE), 0)
        if before + amount > plan.limits[meter]:
            raise _exceeded(meter, before, plan)


def read_usage(uow: UnitOfWork) -> UsageRow:
    """Every meter of the organization as it stands."""
    usage = uow.repository(UsageRepository)
    plan = PLANS[usage.plan_name()]
    today = now().date()
    used = usage.all_used({GAUGE, month_of(now())})
    meters = tuple(
        MeterRow(meter.value, used.get((meter.value, period_of(meter)), 0), plan.limits[meter]) for meter in Meter
    )
    days_left = monthrange(today.year, today.month)[1] - today.day + 1
    return UsageRow(plan=plan.name, meters=meters, days_left=days_left)


def _exceeded(meter: Meter, used: int, plan: Plan) -> QuotaExceeded:
    divisor = MEGABYTE if meter == Meter.STORAGE_BYTES else 1
    limit = plan.limits[meter]
    return QuotaExceeded(
        f"The {plan.name} plan's limit is reached: {used // divisor:,} of {limit // divisor:,} {_WORDS[meter]} "
        "are used. "
        "Upgrade the plan, or remove what is no longer needed.",
        meter=meter,
        used=used,
        limit=limit,
        plan=plan.name,
        upgrade_url=f"{get_settings().base_url}/billing",
    )
