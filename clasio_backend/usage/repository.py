from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, Update, and_, bindparam, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from clasio_backend.core.repository import ScopedRepository, table_of
from clasio_backend.models import Analysis, Document, Organization, UsageCounter, UsageNotice, UsageReservation, User
from clasio_backend.usage.plans import GAUGE, Meter

_COUNTERS = table_of(UsageCounter)
_TOTAL = _COUNTERS.c.used + _COUNTERS.c.reserved
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
        where=_TOTAL + bindparam("amount") <= bindparam("most", type_=BigInteger),
    )
    .returning(_TOTAL)
)
"""Built once: every upload counts with it."""

_RESERVE_WITHIN: Any = (
    insert(_COUNTERS)
    .values(
        organization_id=bindparam("organization_id"),
        meter=bindparam("meter"),
        period=bindparam("period"),
        used=0,
        reserved=bindparam("amount"),
    )
    .on_conflict_do_update(
        index_elements=["organization_id", "meter", "period"],
        set_={"reserved": _COUNTERS.c.reserved + bindparam("amount")},
        where=_TOTAL + bindparam("amount") <= bindparam("most", type_=BigInteger),
    )
    .returning(_TOTAL)
)

_ADD_NOTICE: Any = insert(table_of(UsageNotice)).on_conflict_do_nothing().returning(table_of(UsageNotice).c.threshold)
LOCAL, CACHED = "local", "cached"
"""The sources of analyses that cost nothing and so are not metered."""


class UsageRepository(ScopedRepository[UsageCounter]):
    model = UsageCounter
    what = "counter"

    def plan_name(self) -> str:
        statement = select(col(Organization.plan)).where(self._here(col(Organization.id)))
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

    def used_since(self, period: date) -> list[tuple[str, date, int]]:
        """(meter, month, used) of the monthly meters from that month on."""
        statement = self._select(UsageCounter.meter, UsageCounter.period, UsageCounter.used + UsageCounter.reserved)
        rows = self._session.execute(statement.where(col(UsageCounter.period) >= period))
        return [(meter, month, used) for meter, month, used in rows]

    def lock_used(self, periods: set[date]) -> dict[tuple[str, date], int]:
        """The same as `all_used`, locked until the transaction ends, in the order in which uses are counted."""
        statement = self._select().where(col(UsageCounter.period).in_(periods))
        rows = self._session.execute(statement.order_by(col(UsageCounter.meter)).with_for_update()).scalars()
        return {(row.meter, row.period): row.used + row.reserved for row in rows}

    def add_within(self, meter: str, period: date, amount: int, limit: int) -> int | None:
        """Adds `amount` unless the limit would be passed, in one statement.

        Returns what is used now, reservations included, or None when it would be passed.
        """
        if amount > limit:
            return None
        values = {"organization_id": self.scope.organization_id, "meter": meter, "period": period}
        total: int | None = self._session.execute(
            _ADD_WITHIN, values | {"amount": amount, "most": limit}
        ).scalar_one_or_none()
        return total

    def reserve_within(self, meter: str, period: date, amount: int, limit: int) -> bool:
        """Holds `amount` unless the limit would be passed, in one statement."""
        if amount > limit:
            return False
        values = {"organization_id": self.scope.organization_id, "meter": meter, "period": period}
        held = self._session.execute(_RESERVE_WITHIN, values | {"amount": amount, "most": limit})
        return held.scalar_one_or_none() is not None

    def settle(self, meter: str, period: date, *, reserved: int, used: int) -> int:
        """Turns what was held into what was used, in one statement; returns all that is used now."""
        left = case((_COUNTERS.c.reserved < reserved, 0), else_=_COUNTERS.c.reserved - reserved)
        statement = self._update_counter(meter, period).values(used=_COUNTERS.c.used + used, reserved=left)
        return int(self._session.execute(statement.returning(_COUNTERS.c.used)).scalar_one())

    def put_reserved_right(self, period: date) -> dict[str, tuple[int, int]]:
        """What is held in that period, counted from the open reservations; for each that was wrong, (said, true).

        The counters are locked first: whoever reserves has committed by then, or counts itself afterwards.
        """
        self.lock_used({period})
        held = func.coalesce(func.sum(UsageReservation.amount), 0)
        rows = self._session.execute(
            self._select(UsageCounter.meter, UsageCounter.reserved, held)
            .outerjoin(
                UsageReservation,
                and_(
                    col(UsageReservation.organization_id) == col(UsageCounter.organization_id),
                    col(UsageReservation.meter) == col(UsageCounter.meter),
                    col(UsageReservation.period) == col(UsageCounter.period),
                    col(UsageReservation.settled_at).is_(None),
                ),
            )
            .where(col(UsageCounter.period) == period)
            .group_by(col(UsageCounter.meter), col(UsageCounter.reserved))
        )
        wrong = {meter: (said, int(true)) for meter, said, true in rows if said != true}
        for meter, (_, true) in wrong.items():
            self._session.execute(self._update_counter(meter, period).values(reserved=true))
        return wrong

    def reserved(self, meter: str, period: date) -> int:
        """How much of what counts as used is only held."""
        statement = self._select(UsageCounter.reserved).where(
            col(UsageCounter.meter) == meter, col(UsageCounter.period) == period
        )
        return self._session.execute(statement).scalar_one_or_none() or 0

    def subtract(self, meter: str, period: date, amount: int) -> None:
        """Takes `amount` off; never below zero, so that a counter gone wrong heals by `reconcile`."""
        left = case((_COUNTERS.c.used < amount, 0), else_=_COUNTERS.c.used - amount)
        self._session.execute(self._update_counter(meter, period).values(used=left))

    def lock_levels(self) -> dict[str, int]:
        """The counters of levels, made when missing and locked until the transaction ends."""
        for meter in (Meter.DOCUMENTS, Meter.STORAGE_BYTES):
            values = {"organization_id": self.scope.organization_id, "meter": meter, "period": GAUGE}
            self._session.execute(insert(_COUNTERS).values(**values, used=0, reserved=0).on_conflict_do_nothing())
        statement = self._select(UsageCounter.meter, UsageCounter.used).where(col(UsageCounter.period) == GAUGE)
        rows = self._session.execute(statement.order_by(col(UsageCounter.meter)).with_for_update())
        return {row.meter: row.used for row in rows}

    def count_rows(self) -> dict[Meter, int]:
        """What the levels should be, counted from the documents that are not in the trash."""
        statement = select(func.count(), func.coalesce(func.sum(Document.size_bytes), 0)).where(
            self._here(col(Document.organization_id)), col(Document.deleted_at).is_(None)
        )
        documents, size_bytes = self._session.execute(statement).one()
        return {Meter.DOCUMENTS: int(documents), Meter.STORAGE_BYTES: int(size_bytes)}

    def set_used(self, meter: str, used: int) -> None:
        """Puts a level right."""
        self._session.execute(self._update_counter(meter, GAUGE).values(used=used))

    def _update_counter(self, meter: str, period: date) -> Update:
        is_here = self._here(_COUNTERS.c.organization_id)
        return update(_COUNTERS).where(is_here, _COUNTERS.c.meter == meter, _COUNTERS.c.period == period)


class ReservationRepository(ScopedRepository[UsageReservation]):
    model = UsageReservation
    what = "reservation"

    def prolong(self, job_id: UUID, until: datetime) -> bool:
        """Whether the job holds something already; it is held until then."""
        statement = self._update().where(*self._open_of(job_id)).values(expires_at=until)
        return self._session.execute(statement.returning(col(UsageReservation.id))).first() is not None

    def close_of(self, job_id: UUID) -> list[tuple[str, date, int]]:
        """Closes what the job holds; returns (meter, period, amount), in the order in which uses are counted."""
        return self._close(*self._open_of(job_id))

    def close_expired(self) -> list[tuple[str, date, int]]:
        """Closes what is held for longer than any call takes."""
        is_open = col(UsageReservation.settled_at).is_(None)
        return self._close(is_open, col(UsageReservation.expires_at) < func.now())

    def count_since(self, meters: Iterable[str], moment: datetime) -> int:
        """How many reservations of these meters were made since then, settled or not."""
        statement = self._select(func.count()).where(
            col(UsageReservation.meter).in_(list(meters)), col(UsageReservation.created_at) >= moment
        )
        return int(self._session.execute(statement).scalar_one())

    def remove_closed(self, before: datetime) -> None:
        """Removes what was closed before then."""
        statement = delete(UsageReservation).where(
            self._here(col(UsageReservation.organization_id)), col(UsageReservation.settled_at) < before
        )
        self._session.execute(statement)

    def _open_of(self, job_id: UUID) -> tuple[Any, ...]:
        return col(UsageReservation.job_id) == job_id, col(UsageReservation.settled_at).is_(None)

    def _close(self, *conditions: Any) -> list[tuple[str, date, int]]:
        statement = self._update().where(*conditions).values(settled_at=func.now())
        columns = (UsageReservation.meter, UsageReservation.period, UsageReservation.amount)
        return sorted(
            (row[0], row[1], row[2]) for row in self._session.execute(statement.returning(*map(col, columns)))
        )


class UsageNoticeRepository(ScopedRepository[UsageNotice]):
    model = UsageNotice
    what = "notice"

    def add_once(self, meter: str, period: date, threshold: int) -> bool:
        """Notes that owners are being told; False when they were."""
        notice = UsageNotice(
            organization_id=self.scope.organization_id, meter=meter, period=period, threshold=threshold
        )
        return self._session.execute(_ADD_NOTICE, notice.model_dump()).scalar_one_or_none() is not None

    def forget(self, meter: str, period: date, thresholds: Iterable[int]) -> None:
        """Lets these thresholds be news again."""
        statement = delete(UsageNotice).where(
            self._here(col(UsageNotice.organization_id)),
            col(UsageNotice.meter) == meter,
            col(UsageNotice.period) == period,
            col(UsageNotice.threshold).in_(list(thresholds)),
        )
        self._session.execute(statement)


class ReportRepository(ScopedRepository[Document]):
    """Who used what, and when, from the rows themselves; each question is answered by an index alone."""

    model = Document
    what = "report"
    document_column = "id"

    def first_document_at(self) -> datetime | None:
        """When the oldest document that is not in the trash came in."""
        first: datetime | None = self._session.execute(self._documents(func.min(Document.created_at))).scalar_one()
        return first

    def uploads_per_day(self, since: datetime) -> dict[date, int]:
        """How many documents came in on each UTC day since then, trash left out."""
        day = _utc_day(Document.created_at)
        statement = self._documents(day, func.count()).where(col(Document.created_at) >= since).group_by(day)
        return {row[0]: row[1] for row in self._session.execute(statement)}

    def analyses_per_day(self, since: datetime) -> dict[date, int]:
        """How many analyses were done on each UTC day since then."""
        day = _utc_day(Analysis.created_at)
        statement = self._analyses(day, func.count(), since=since).group_by(day)
        return {row[0]: row[1] for row in self._session.execute(statement)}

    def added_since(self, moment: datetime) -> tuple[int, int]:
        """(documents, bytes) that came in since then and are not in the trash."""
        statement = self._documents(func.count(), func.coalesce(func.sum(Document.size_bytes), 0))
        documents, size_bytes = self._session.execute(statement.where(col(Document.created_at) >= moment)).one()
        return int(documents), int(size_bytes)

    def documents_by_person(self, *, limit: int, only: UUID | None) -> list[tuple[UUID | None, int, int]]:
        """(person, documents, bytes), those with the most documents first; of one person alone with `only`."""
        documents = func.count().label("documents")
        statement = self._documents(Document.uploaded_by, documents, func.sum(Document.size_bytes))
        if only is not None:
            statement = statement.where(col(Document.uploaded_by) == only)
        statement = statement.group_by(Document.uploaded_by).order_by(documents.desc(), Document.uploaded_by)
        return [(row[0], row[1], int(row[2])) for row in self._session.execute(statement.limit(limit))]

    def analyses_by_person(
        self, since: datetime, *, limit: int, only: UUID | None
    ) -> list[tuple[UUID | None, str, int]]:
        """(person, mode, metered analyses) since then, the most first; of one person alone with `only`."""
        analyses = func.count().label("analyses")
        statement = self._analyses(Analysis.requested_by, Analysis.mode, analyses, since=since)
        statement = statement.where(col(Analysis.source).not_in([LOCAL, CACHED]))
        if only is not None:
            statement = statement.where(col(Analysis.requested_by) == only)
        statement = statement.group_by(Analysis.requested_by, Analysis.mode).order_by(analyses.desc())
        return [(row[0], row[1], row[2]) for row in self._session.execute(statement.limit(limit))]

    def names_of(self, people: Iterable[UUID]) -> dict[UUID, str]:
        """The names of these people, as far as they are or were colleagues."""
        statement = select(col(User.id), col(User.name)).where(col(User.id).in_(list(people)))
        return {row[0]: row[1] for row in self._session.execute(statement)}

    def _documents(self, *columns: Any) -> Any:
        return self._select(*columns).where(col(Document.deleted_at).is_(None))

    def _analyses(self, *columns: Any, since: datetime) -> Any:
        return select(*columns).where(self._here(col(Analysis.organization_id)), col(Analysis.created_at) >= since)


def _utc_day(moment: Any) -> Any:
    return func.timezone("UTC", moment).cast(Date)
