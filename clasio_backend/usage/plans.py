"""Plans as data (product.md §8). Sizes are in bytes: 1 MB = 1,000,000 bytes."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MEGABYTE = 1_000_000
GAUGE = date(1970, 1, 1)
"""The period of levels, which do not start anew each month."""
UPGRADE_PATH = "/usage"
"""The page where a plan is upgraded. The one place that says so: refusals, mail and pages link to it."""


class Meter(StrEnum):
    DOCUMENTS = "documents"
    STORAGE_BYTES = "storage_bytes"
    FAST_ANALYSES = "fast_analyses"
    THOROUGH_ANALYSES = "thorough_analyses"
    AI_TOKENS = "ai_tokens"


MONTHLY = frozenset({Meter.FAST_ANALYSES, Meter.THOROUGH_ANALYSES, Meter.AI_TOKENS})


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    limits: dict[Meter, int]
    analyses_per_hour: int
    api_requests_per_hour: int

    @property
    def api_requests_per_minute(self) -> int:
        """Of one token: a script that runs wild leaves half of the hour's requests to the others for a minute."""
        return self.api_requests_per_hour // 2


def _plan(  # noqa: PLR0913, PLR0917  # one row of the table
    name: str, documents: int, storage_mb: int, fast: int, thorough: int, tokens: int, hourly: int, api: int
) -> Plan:
    limits = {
        Meter.DOCUMENTS: documents,
        Meter.STORAGE_BYTES: storage_mb * MEGABYTE,
        Meter.FAST_ANALYSES: fast,
        Meter.THOROUGH_ANALYSES: thorough,
        Meter.AI_TOKENS: tokens,
    }
    return Plan(name, limits, hourly, api)


PLANS: dict[str, Plan] = {
    plan.name: plan
    for plan in (
        _plan("free", 500, 1_000, 100, 10, 1_000_000, 20, 100),
        _plan("pro", 10_000, 50_000, 2_000, 500, 20_000_000, 200, 1_000),
        _plan("business", 100_000, 500_000, 20_000, 5_000, 200_000_000, 2_000, 10_000),
    )
}
