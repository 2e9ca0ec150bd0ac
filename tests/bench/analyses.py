"""10,000 queued analyses by a model: how fast, how much of the workers' time is ours, who waits, how much memory.

    python -m tests.bench.analyses [--analyses 10000] [--latency 0.1] [--workers 4]

Starts Postgres, Valkey, a Gemini of the tests' that answers after `--latency` seconds, and worker processes. One
organization has half of the analyses, ten share the rest, and one with 5 comes last. Hourly limits are lifted.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import psutil

from tests.bench.database import FILL
from tests.fakes.gemini import GeminiServer
from tests.gemini import set_up
from tests.jobs.processes import background
from tests.servers import Servers

SMALL = 5
NO_LIMITS = """
from dataclasses import replace
from clasio_backend.usage.plans import PLANS, Meter
free = {meter: 10**12 for meter in Meter}
PLANS['business'] = replace(PLANS['business'], limits=free, analyses_per_hour=10**9)
from jobs.worker import main
main(['--queues', 'fast,thorough'])
"""
TEXTS = """
    INSERT INTO document_texts (organization_id, document_id, text, vector)
    SELECT organization_id, id, t, to_tsvector('simple', t) FROM documents
    CROSS JOIN LATERAL (SELECT 'Invoice ' || id || repeat(' twelve oak doors, 4,800.00 EUR', 60) AS t) texts
    WHERE organization_id = %(organization)s
"""
WAITING = """
    UPDATE documents SET stage = 'searchable', outcome = 'pending', read_at = now(), searchable_at = now(),
        sha256 = %(sha)s
    WHERE organization_id = %(organization)s
"""
JOBS = """
    INSERT INTO jobs (organization_id, id, kind, queue, idempotency_key, payload, state, document_id, request_id)
    SELECT organization_id, uuidv7(), 'analysis.analyse', 'fast', id || ' bench',
           jsonb_build_object('document_id', id, 'mode', 'fast'), 'queued', id, 'bench'
    FROM documents WHERE organization_id = %(organization)s
"""


def fill(servers: Servers, count: int) -> None:
    """An organization with so many documents that wait for their analysis."""
    from tests import cast  # noqa: PLC0415  # after the settings are there

    actor = cast.owner(plan="business")
    values = {"organization": actor.organization_id, "count": count, "sha": "a" * 64}
    with servers.as_owner() as connection:
        connection.execute(
            "INSERT INTO blobs (organization_id, sha256, size_bytes, format, key_id) VALUES (%s, %s, 1, 'none', %s)",
            [actor.organization_id, values["sha"], actor.organization_id],
        )
        for statement in (FILL, TEXTS, WAITING):
            connection.execute(statement, values)
        # Each with content of its own, or the second would be taken from the cache.
        connection.execute(
            "INSERT INTO blobs (organization_id, sha256, size_bytes, format, key_id)"
            " SELECT organization_id, encode(sha256(id::text::bytea), 'hex'), 1, 'none', organization_id FROM documents"
            " WHERE organization_id = %s",
            [actor.organization_id],
        )
        connection.execute(
            "UPDATE documents SET sha256 = encode(sha256(id::text::bytea), 'hex') WHERE organization_id = %s",
            [actor.organization_id],
        )
        connection.execute(JOBS, values)


def memory_mb(workers: list["subprocess.Popen[bytes]"]) -> list[int]:
    return [psutil.Process(worker.pid).memory_info().rss // 1_000_000 for worker in workers]


def processor_seconds(workers: list["subprocess.Popen[bytes]"]) -> float:
    return sum(sum(psutil.Process(worker.pid).cpu_times()[:2]) for worker in workers)


def left(servers: Servers) -> int:
    with servers.as_owner() as connection:
        row = connection.execute("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')").fetchone()
    return int(row[0]) if row else 0


def run(servers: Servers, gemini: GeminiServer, wanted: argparse.Namespace) -> None:
    gemini.before_answer = lambda: time.sleep(wanted.latency)
    fill(servers, wanted.analyses // 2)
    for _ in range(10):
        fill(servers, (wanted.analyses // 2 - SMALL) // 10)
    fill(servers, SMALL)
    total = left(servers)
    with ExitStack() as stack:
        workers = [stack.enter_context(background(servers, "-c", NO_LIMITS)) for _ in range(wanted.workers)]
        stack.enter_context(background(servers, "-m", "jobs.control"))
        while not gemini.asked:
            time.sleep(0.01)
        started, cpu_before, early = time.time(), processor_seconds(workers), [0]
        while (remaining := left(servers)) > 0:
            if early == [0] and remaining < 0.9 * total:
                early = memory_mb(workers)
            time.sleep(0.5)
        seconds, cpu, late = time.time() - started, processor_seconds(workers) - cpu_before, memory_mb(workers)
    calls = len(gemini.asked)
    ours = wanted.workers * seconds - calls * wanted.latency
    print(f"cores: {os.cpu_count()}; {total:,} analyses, {wanted.workers} workers, the model takes {wanted.latency} s")
    print(f"{seconds:.1f} s: {total / seconds:.1f} analyses/s; {calls:,} calls")
    print(
        f"ours: {100 * ours / (wanted.workers * seconds):.0f} % of the workers' time, {1000 * ours / total:.1f} ms an"
        f" analysis, {1000 * cpu / total:.1f} ms of it processor"
    )
    print(f"memory of the workers: {early} MB after a tenth, {late} MB at the end")
    with servers.as_owner() as connection:
        waits = connection.execute(
            "SELECT count(*), max(extract(epoch FROM finished_at) - %s)::float FROM jobs WHERE state = 'succeeded'"
            " GROUP BY organization_id ORDER BY 1",
            [started],
        ).fetchall()
        odd = connection.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall()
    print("the last analysis of an organization with so many was done after: ", end="")
    print(", ".join(f"{count:,}: {wait:.1f} s" for count, wait in (waits[0], waits[len(waits) // 2], waits[-1])))
    print(f"jobs by state: {dict(odd)}; median of the organizations {statistics.median(w for _, w in waits):.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--analyses", type=int, default=10_000)
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--workers", type=int, default=4)
    servers = Servers()
    os.environ.update(servers.environment)
    servers.start()
    try:
        with set_up("gemini") as gemini:
            run(servers, gemini, parser.parse_args())
    finally:
        from clasio_backend.core.db import dispose_engine  # noqa: PLC0415  # as above

        dispose_engine()
        print(Path(servers.folder / "background.log").read_text()[-1500:] if sys.exc_info()[0] else "", end="")
        servers.stop()
        servers.remove()


if __name__ == "__main__":
    main()
