"""What the measurements here say of a number of times: median, 95th percentile, and how many there were."""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """In milliseconds."""

    median: float
    p95: float
    longest: float
    count: int

    def __str__(self) -> str:
        return f"median {self.median:,.0f} ms, p95 {self.p95:,.0f} ms"


def figures(seconds: Iterable[float]) -> Figures:
    ordered = sorted(1000 * each for each in seconds)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    return Figures(statistics.median(ordered), p95, ordered[-1], len(ordered))


def seconds_of(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
