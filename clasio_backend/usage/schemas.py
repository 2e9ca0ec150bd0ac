from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeterRow:
    """How much of one limit is used, in the meter's own unit (items or bytes)."""

    meter: str
    used: int
    limit: int

    @property
    def percent(self) -> int:
        return min(100, self.used * 100 // self.limit) if self.limit else 100


@dataclass(frozen=True, slots=True)
class UsageRow:
    """All meters of an organization; `days_left` of the month, today included."""

    plan: str
    meters: tuple[MeterRow, ...]
    days_left: int
