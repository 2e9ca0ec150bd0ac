from datetime import date
from typing import Any

from sqlalchemy import BigInteger, bindparam, case, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from clasio_backend.core.repository import ScopedRepository, table_of
from clasio_backend.models import Organization, UsageCounter

_COUNTERS = table_of(UsageCounter)
_ADD_WITHIN: Any = (
    insert(_COUNTERS)
    .values(
        organization_id=bindparam("organization_id"),
        meter=bindparam("meter"),
        period=bindparam("period"),
        used=bindparam("amount"),
        reserved=0,
    )
    .on_conflict_do_update(
        index_elements=["organization_id", "meter", "period"],
        set_={"used": _COUNTERS.c.used + bindparam("amount")},
        where=_COUNTERS.c.used + _COUNTERS.c.reserved + bindparam("amount") <= bindparam("most", type_=BigInteger),
    )
    .returning(literal_column("1"))
)
"""Built once: every upload counts with it."""


class UsageRepository(ScopedRepository[UsageCounter]):
    model = UsageCounter
    what = "counter"

    def plan_name(self) -> str:
        statement = select(col(Organization.plan)).where(col(Organization.id) == self.scope.organization_id)
        return str(self._session.execute(statement).scalar_one())

    def used(self, meter: str, period: date) -> int:
        statement = self._select(UsageCounter.used + UsageCounter.reserved).where(
            col(UsageCounter.meter) == meter, col(UsageCounter.period) == period
        )
        return self._session.execute(statement).scalar_one_or_none() or 0

    def all_used(self, periods: set[date]) -> dict[tuple[str, date], int]:
        statement = self._select(UsageCounter.meter, UsageCounter.period, UsageCounter.used + UsageCounter.reserved)
        rows = self._session.execute(statement.where(col(UsageCounter.period).in_(periods)))
        return {(meter, period): used for meter, period, used in rows}

    def add_within(self, meter: str, period: date, amount: int, limit: int) -> bool:
        """Adds `amount` unless the limit would be passed, in one statement; False when it would."""
        if amount > limit:
            return False
        values = {"organization_id": self.scope.organization_id, "meter": meter, "period": period}
        result = self._session.execute(_ADD_WITHIN, values | {"amount": amount, "most": limit})
        return result.scalar_one_or_none() is not None

    def subtract(self, meter: str, period: date, amount: int) -> None:
        """Takes `amount` off; never below zero, so that a counter gone wrong heals by `reconcile`."""
        statement = (
            update(_COUNTERS)
            .where(
                col(UsageCounter.organization_id) == self.scope.organization_id,
                col(UsageCounter.meter) == meter,
                col(UsageCounter.period) == period,
            )
            .values(used=case((col(UsageCounter.used) < amount, 0), else_=UsageCounter.used - amount))
        )
        self._session.execute(statement)
