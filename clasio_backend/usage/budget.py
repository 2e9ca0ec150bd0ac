"""The budget of metered analyses: reserve, call, settle.

What a call can cost at most is held before it, in the same one statement that checks the limit, so no concurrency
passes it. Afterwards what it did cost is charged, in the transaction that writes its result; what failed costs nothing.
A reservation belongs to a job: a run that takes over from a dead worker finds it, and it is closed exactly once.
"""

import logging
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.errors import ClasioError, QuotaExceeded
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.models import UsageReservation
from clasio_backend.usage.notices import note_use
from clasio_backend.usage.periods import next_hour, next_month, period_of, this_hour
from clasio_backend.usage.plans import PLANS, Meter, Plan
from clasio_backend.usage.repository import ReservationRepository, UsageRepository
from clasio_backend.usage.words import hourly_refusal, refusal

log = logging.getLogger(__name__)

PLAN = "plan"
"""What jobs wait for at a limit; another plan brings them forward."""
ANALYSES = (Meter.FAST_ANALYSES, Meter.THOROUGH_ANALYSES)
HELD_FOR = timedelta(minutes=15)
"""Longer than any call takes."""
KEPT_FOR = timedelta(days=2)
WAIT_FOR_OTHERS = timedelta(seconds=30)
BATCH = 1_000


class NotNow(ClasioError):
    """The budget has no room before `until`; `refused` says which limit it is, or None when others only hold it."""

    code = "not_now"
    status = 409

    def __init__(self, message: str, until: datetime, refused: QuotaExceeded | None) -> None:
        super().__init__(f"The analysis waits and starts by itself. {message}")
        self.until, self.refused = until, refused


class ReservationGone(ClasioError):
    """The call took so long that its reservation was released: its result may not be used, or it would be free."""

    code = "reservation_gone"
    status = 409
    retryable = True

    def __init__(self) -> None:
        super().__init__("The analysis took too long.")


def reserve(uow: UnitOfWork, job_id: UUID, amounts: Mapping[Meter, int]) -> None:
    """Holds all of `amounts` for the job, or raises `NotNow` and, with the transaction undone, holds nothing.

    Meters are taken in one order. The tokens' counter comes first and is every analysis's: with it locked, the analyses
    of this hour are counted one after the other.
    """
    usage, reservations = uow.repository(UsageRepository), uow.repository(ReservationRepository)
    until = now() + HELD_FOR
    if reservations.prolong(job_id, until):
        return
    plan, periods = PLANS[usage.plan_name()], {meter: period_of(meter) for meter in amounts}
    for meter, amount in sorted(amounts.items()):
        if not usage.reserve_within(meter, periods[meter], amount, plan.limits[meter]):
            raise _no_room(usage, plan, meter, amount)
    if (used := reservations.count_since(ANALYSES, this_hour())) >= plan.analyses_per_hour:
        refused = hourly_refusal(used, plan, next_hour())
        raise NotNow(refused.message, next_hour(), refused)
    for meter, amount in amounts.items():
        reservations.add(
            UsageReservation(
                organization_id=uow.scope.organization_id,
                id=new_id(),
                meter=meter,
                period=periods[meter],
                amount=amount,
                job_id=job_id,
                expires_at=until,
            )
        )


def _no_room(usage: UsageRepository, plan: Plan, meter: Meter, amount: int) -> NotNow:
    total, held = usage.used(meter, period_of(meter)), usage.reserved(meter, period_of(meter))
    if total - held + amount <= plan.limits[meter]:
        return NotNow("Others under way hold what is left of this month's limit.", now() + WAIT_FOR_OTHERS, None)
    refused = refusal(meter, total - held, plan)
    return NotNow(refused.message, next_month(), refused)


def settle(uow: UnitOfWork, job_id: UUID, amounts: Mapping[Meter, int]) -> None:
    """Charges `amounts` in place of what the job holds, never more than that; raises `ReservationGone`.

    Belongs into the transaction that writes what was paid for.
    """
    usage = uow.repository(UsageRepository)
    plan, to_charge = PLANS[usage.plan_name()], dict(amounts)
    closed = uow.repository(ReservationRepository).close_of(job_id)
    if not closed:
        raise ReservationGone
    for name, period, amount in closed:
        meter = Meter(name)
        wanted = to_charge.pop(meter, 0)  # of two runs' reservations only one is charged
        if wanted > amount:
            log.warning("cost_above_bound", extra={"meter": name, "bound": amount, "cost": wanted})
        charged = min(wanted, amount)
        after = usage.settle(meter, period, reserved=amount, used=charged)
        if charged and period == period_of(meter):
            note_use(uow, plan, meter, before=after - charged, after=after)


def release(uow: UnitOfWork, job_id: UUID) -> None:
    """Gives back what the job holds, if anything."""
    _give_back(uow, uow.repository(ReservationRepository).close_of(job_id))


def release_expired(uow: UnitOfWork) -> int:
    """Gives back what is held for longer than any call takes, and forgets the closed of days ago. Returns how many."""
    reservations = uow.repository(ReservationRepository)
    expired = reservations.close_expired()
    _give_back(uow, expired)
    reservations.remove_closed(now() - KEPT_FOR)
    return len(expired)


def _give_back(uow: UnitOfWork, closed: list[tuple[str, date, int]]) -> None:
    usage = uow.repository(UsageRepository)
    for meter, period, amount in closed:
        usage.settle(meter, period, reserved=amount, used=0)


def release_all_expired() -> None:
    """The scheduled job: the same for every organization that has some."""
    for organization_id in gateway.organizations_with_old_reservations(KEPT_FOR, BATCH):
        with unit_of_work(system_scope(organization_id, "reservations")) as uow:
            if released := release_expired(uow):
                log.warning("reservations_released", extra={"organization_id": str(organization_id), "count": released})


def check_analysis(uow: UnitOfWork, meter: Meter) -> None:
    """Raises `QuotaExceeded` when an analysis of this kind could not start now; holds nothing."""
    usage = uow.repository(UsageRepository)
    plan = PLANS[usage.plan_name()]
    for each in sorted((meter, Meter.AI_TOKENS)):
        if (used := usage.used(each, period_of(each))) >= plan.limits[each]:
            raise refusal(each, used, plan)
    used = uow.repository(ReservationRepository).count_since(ANALYSES, this_hour())
    if used >= plan.analyses_per_hour:
        raise hourly_refusal(used, plan, next_hour())
