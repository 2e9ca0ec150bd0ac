"""Meters and limits. Every use is checked and counted in one atomic statement, in the transaction of what it counts."""

import logging
from collections.abc import Mapping
from uuid import UUID

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core import gateway
from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.job_waits import bring_forward
from clasio_backend.core.scope import Permission, system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.organizations.repository import OrganizationRepository
from clasio_backend.usage.budget import PLAN
from clasio_backend.usage.notices import note_use, settle_notices
from clasio_backend.usage.periods import days_left, period_of, periods_now, this_month
from clasio_backend.usage.plans import GAUGE, PLANS, Meter
from clasio_backend.usage.repository import UsageRepository
from clasio_backend.usage.schemas import MeterRow, Room, UsageRow
from clasio_backend.usage.words import refusal

log = logging.getLogger(__name__)


def count(uow: UnitOfWork, amounts: Mapping[Meter, int]) -> None:
    """Counts all of `amounts`, or raises `QuotaExceeded` and, with the transaction undone, counts nothing.

    Meters are taken in one order, so that two steps which count several of them never wait for each other.
    """
    usage = uow.repository(UsageRepository)
    plan = PLANS[usage.plan_name()]
    for meter, amount in sorted(amounts.items()):
        after = usage.add_within(meter, period_of(meter), amount, plan.limits[meter])
        if after is None:
            raise refusal(meter, usage.used(meter, period_of(meter)), plan)
        note_use(uow, plan, meter, before=after - amount, after=after)


def give_back(uow: UnitOfWork, meter: Meter, amount: int) -> None:
    """Takes back what `count` counted, when the thing counted is gone."""
    uow.repository(UsageRepository).subtract(meter, period_of(meter), amount)


def check_room(uow: UnitOfWork, *, documents: int = 1, size_bytes: int = 0) -> Room:
    """Raises `QuotaExceeded` when that much would not fit now; counts nothing, so `count` may still refuse later."""
    usage = uow.repository(UsageRepository)
    plan = PLANS[usage.plan_name()]
    used = usage.all_used({GAUGE})
    for meter, amount in ((Meter.DOCUMENTS, documents), (Meter.STORAGE_BYTES, size_bytes)):
        before = used.get((meter.value, GAUGE), 0)
        if before + amount > plan.limits[meter]:
            raise refusal(meter, before, plan)
    stored = used.get((Meter.STORAGE_BYTES.value, GAUGE), 0)
    return Room(plan.limits[Meter.STORAGE_BYTES] - stored, refusal(Meter.STORAGE_BYTES, stored, plan))


def read_usage(uow: UnitOfWork) -> UsageRow:
    """Every meter of the organization as it stands."""
    uow.scope.require(Permission.READ_USAGE)
    usage = uow.repository(UsageRepository)
    plan = PLANS[usage.plan_name()]
    used = usage.all_used(periods_now())
    meters = tuple(
        MeterRow(meter.value, used.get((meter.value, period_of(meter)), 0), plan.limits[meter]) for meter in Meter
    )
    return UsageRow(plan=plan.name, meters=meters, days_left=days_left())


def set_plan(uow: UnitOfWork, plan: str) -> str:
    """Puts the organization on another plan (operators, billing) and returns the one before; owners hear of its limits.

    Raises `ValidationFailed` when there is no such plan.
    """
    uow.scope.require(Permission.CHANGE_PLAN, "organization")
    check_plan(plan)
    organization = uow.repository(OrganizationRepository).get_for_update()
    before, organization.plan = organization.plan, plan
    if before != plan:
        uow.flush()
        record(uow, Action.PLAN_CHANGED, "organization", organization.id, before=before, after=plan)
        settle_notices(uow, is_new_plan=True)
        bring_forward(uow, PLAN)
        uow.notify("organization", organization.id)
    return before


def check_plan(plan: str) -> None:
    """Raises `ValidationFailed` when there is no such plan."""
    if plan not in PLANS:
        raise ValidationFailed(f"There is no plan {plan}. Choose one of: {', '.join(PLANS)}.", {"plan": "unknown"})


def reconcile(uow: UnitOfWork) -> dict[str, tuple[int, int]]:
    """Rebuilds levels and reservations from the rows; returns, for each that was wrong, what it said and says now.

    The counters are locked before the rows are counted: an upload that has counted itself has committed by then, and
    one that has not will count itself afterwards. What owners were told is brought in line with the true levels.
    """
    uow.scope.require(Permission.MANAGE_ORGANIZATION)
    usage = uow.repository(UsageRepository)
    said, counted = usage.lock_levels(), usage.count_rows()
    wrong = {meter.value: (said[meter], true) for meter, true in counted.items() if said[meter] != true}
    for meter, (_, true) in wrong.items():
        usage.set_used(meter, true)
    wrong |= {f"{meter}_reserved": was for meter, was in usage.put_reserved_right(this_month()).items()}
    settle_notices(uow)
    return wrong


def reconcile_all() -> dict[UUID, dict[str, tuple[int, int]]]:
    """The same for every organization; returns only those whose counters were wrong."""
    found: dict[UUID, dict[str, tuple[int, int]]] = {}
    for organization_id in gateway.organization_ids():
        with unit_of_work(system_scope(organization_id, "reconcile")) as uow:
            wrong = reconcile(uow)
        if wrong:
            log.warning("usage_was_wrong", extra={"organization_id": str(organization_id), "meters": sorted(wrong)})
            found[organization_id] = wrong
    return found


def reconcile_every_day() -> None:
    """The scheduled job."""
    reconcile_all()
