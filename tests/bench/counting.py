"""What counting costs each upload: 2,000 times a document and its bytes, each in a transaction of its own.

    python -m tests.bench.counting

Starts a Postgres of its own with the schema of this version, so that two versions can be compared.
"""

import os
import statistics
import time

from tests.servers import Servers

UPLOADS, ROUNDS = 2_000, 2


def main() -> None:
    servers = Servers()
    os.environ.update(servers.environment)
    servers.start()
    try:
        _measure()
    finally:
        servers.stop()
        servers.remove()


def _measure() -> None:
    from clasio_backend.core.db import dispose_engine  # noqa: PLC0415  # after the settings are there
    from clasio_backend.core.unit_of_work import unit_of_work  # noqa: PLC0415
    from clasio_backend.usage.plans import Meter  # noqa: PLC0415
    from clasio_backend.usage.service import count  # noqa: PLC0415
    from tests import cast  # noqa: PLC0415

    print(f"cores: {os.cpu_count()}; {UPLOADS:,} uploads counted in each of {ROUNDS} rounds")
    for number in range(ROUNDS):
        scope = cast.owner(f"Owner {number}", plan="business").scope
        seconds: list[float] = []
        for _ in range(UPLOADS):
            started = time.perf_counter()
            with unit_of_work(scope) as uow:
                count(uow, {Meter.DOCUMENTS: 1, Meter.STORAGE_BYTES: 1_000})
            seconds.append(time.perf_counter() - started)
        seconds.sort()
        p95 = seconds[int(0.95 * UPLOADS)]
        print(
            f"median {statistics.median(seconds) * 1000:.3f} ms   p95 {p95 * 1000:.3f} ms   total {sum(seconds):.2f} s"
        )
    dispose_engine()


if __name__ == "__main__":
    main()
