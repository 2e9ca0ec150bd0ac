"""Owners are told when a limit comes near: at 80, 95 and 100 percent, each once.

What was told is a row with a unique key, written in the transaction of the use that came so far; the mail is a row of
the same transaction. A level is told again only when the daily check has found it five points below in between, a
month's meter in the next month, and both when another plan brings another limit.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record
from clasio_backend.core.errors import QuotaExceeded
from clasio_backend.core.scope import Permission, Scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.mail.service import queue_mail
from clasio_backend.organizations.repository import MemberRepository, OrganizationRepository
from clasio_backend.usage.periods import period_of, periods_now
from clasio_backend.usage.plans import MONTHLY, PLANS, Meter, Plan
from clasio_backend.usage.repository import UsageNoticeRepository, UsageRepository
from clasio_backend.usage.words import NAMES, upgrade_url, used_of_limit

THRESHOLDS = (80, 95, 100)
MARGIN = 5
"""Points that a level must have fallen below a threshold before reaching it is news again."""
MAX_OWNERS = 50

_MEANING = {
    (False, False): "At the limit no new documents are taken in. Reading, search and download go on.",
    (False, True): "No new documents are taken in until there is room. Reading, search and download go on.",
    (True, False): "At the limit no new analyses start until the next month. Everything else goes on.",
    (True, True): "No new analyses start until the next month. Everything else goes on.",
}
"""By whether the meter starts anew each month, and whether its limit is reached."""


def note_use(uow: UnitOfWork, of_plan: Plan, meter: Meter, *, before: int, after: int) -> None:
    """Tells the owners which thresholds this use has passed; the counter's row is locked by the use itself."""
    limit = of_plan.limits[meter]
    if passed := [each for each in THRESHOLDS if before * 100 < each * limit <= after * 100]:
        _tell(uow, of_plan, meter, after, passed)


@contextmanager
def noting_refusals(scope: Scope) -> Iterator[None]:
    """Around a use in a transaction of its own: a refusal counts as 100 percent.

    Storage hardly ever fills up to the last byte: what shows that it is full is the first file without room.
    """
    try:
        yield
    except QuotaExceeded as refused:
        with unit_of_work(scope) as uow:
            note_refusal(uow, refused)
        raise


def note_refusal(uow: UnitOfWork, refused: QuotaExceeded) -> None:
    """Tells the owners, if nearly all was used; of analyses per hour nobody is told, they come back by themselves."""
    if refused.meter in set(Meter) and refused.used * 100 >= (THRESHOLDS[-1] - MARGIN) * refused.limit:
        _tell(uow, PLANS[refused.plan], Meter(refused.meter), refused.used, [THRESHOLDS[-1]])


def settle_notices(uow: UnitOfWork, *, is_new_plan: bool = False) -> None:
    """Brings what was told in line with the counters: forgets what is no longer so, tells what nobody was told."""
    uow.scope.require(Permission.MANAGE_ORGANIZATION)
    usage, notices = uow.repository(UsageRepository), uow.repository(UsageNoticeRepository)
    plan = PLANS[usage.plan_name()]
    counted = usage.lock_used(periods_now())
    for meter in Meter:
        used, limit = counted.get((meter.value, period_of(meter)), 0), plan.limits[meter]
        if is_new_plan or meter not in MONTHLY:
            below = [each for each in THRESHOLDS if used * 100 < (each - MARGIN) * limit]
            notices.forget(meter, period_of(meter), below)
        if reached := [each for each in THRESHOLDS if used * 100 >= each * limit]:
            _tell(uow, plan, meter, used, reached)


def _tell(uow: UnitOfWork, plan: Plan, meter: Meter, used: int, reached: Iterable[int]) -> None:
    """One mail to each owner about the highest threshold, unless they were told before."""
    notices = uow.repository(UsageNoticeRepository)
    new = [each for each in reached if notices.add_once(meter, period_of(meter), each)]
    if not new:
        return
    percent = max(new)
    organization = uow.repository(OrganizationRepository).get()
    words = used_of_limit(meter, used, plan)
    is_full = percent == THRESHOLDS[-1]
    came_to = f"reached its limit of {NAMES[meter]}" if is_full else f"used {percent} % of its {NAMES[meter]}"
    for address in uow.repository(MemberRepository).owner_addresses(limit=MAX_OWNERS):
        queue_mail(
            uow,
            address,
            "usage_limit",
            headline=f"{organization.name} has {came_to}",
            used=f"{words} ({plan.name} plan)",
            meaning=_MEANING[meter in MONTHLY, is_full],
            link=upgrade_url(),
        )
    record(uow, Action.LIMIT_NEARED, "organization", organization.id, percent=percent, used=words)
    uow.notify("usage", organization.id)
