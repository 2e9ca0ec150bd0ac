"""Documents that come in while things fail, and the question whether each was done, and done once."""

import statistics
import threading
import time
from uuid import UUID

import psycopg
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.usage.service import reconcile
from tests import factories
from tests.cast import Actor
from tests.servers import Servers

BACKLOG = 30
SETTLE_SECONDS = 240
UNFINISHED = "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"


class Feeder(threading.Thread):
    """Hands in small documents for as long as few are waiting; `acknowledged` are those whose hand-in returned."""

    def __init__(self, servers: Servers, actors: list[Actor]) -> None:
        super().__init__(daemon=True)
        self.servers, self.actors = servers, actors
        self.acknowledged: dict[UUID, UUID] = {}
        self.failed_hand_ins = 0
        self._over = threading.Event()

    def run(self) -> None:
        number = 0
        while not self._over.is_set():
            try:
                if unfinished(self.servers) > BACKLOG:
                    time.sleep(0.1)
                    continue
                actor = self.actors[number % len(self.actors)]
                number += 1
                document = factories.upload(actor.scope, f"{number}.txt")
                self.acknowledged[document.id] = actor.organization_id
            except (SQLAlchemyError, psycopg.Error, RedisError, OSError):
                self.failed_hand_ins += 1
                time.sleep(0.1)

    def stop(self) -> None:
        self._over.set()
        self.join(120)
        assert not self.is_alive()


def unfinished(servers: Servers) -> int:
    with servers.as_owner() as connection:
        row = connection.execute(UNFINISHED).fetchone()
    assert row is not None
    return int(row[0])


def wait_until_settled(servers: Servers) -> float:
    """Waits until no job is left to do; returns the seconds that took."""
    began = time.monotonic()
    while left := unfinished(servers):
        assert time.monotonic() - began < SETTLE_SECONDS, f"{left} jobs never end: {_left(servers)}"
        time.sleep(0.2)
    return time.monotonic() - began


def _left(servers: Servers) -> list[tuple[object, ...]]:
    with servers.as_owner() as connection:
        return connection.execute(
            "SELECT kind, state, attempts, lost_leases, run_after, lease_expires_at, last_error FROM jobs"
            " WHERE state IN ('queued', 'running') LIMIT 5"
        ).fetchall()


def _story(servers: Servers, wrong: dict[UUID, tuple[object, ...]]) -> str:
    """What became of the documents that are wrong, and of their jobs."""
    with servers.as_owner() as connection:
        jobs = connection.execute(
            "SELECT document_id, kind, state, attempts, lost_leases, progress, last_error, created_at, started_at,"
            " finished_at FROM jobs WHERE document_id = ANY(%s) ORDER BY document_id, id",
            [list(wrong)],
        ).fetchall()
    return "\n".join([*map(str, wrong.items()), *map(str, jobs)])


def expect_each_done_once(servers: Servers, acknowledged: dict[UUID, UUID]) -> dict[str, int]:
    """Every document handed in is there, settled, and has each effect once; returns how many had which outcome."""
    organizations = sorted(set(acknowledged.values()))
    with servers.as_owner() as connection:
        rows = connection.execute(
            """
            SELECT d.id, d.outcome,
              (SELECT count(*) FROM jobs j WHERE j.document_id = d.id AND j.kind = 'documents.read'),
              (SELECT count(*) FROM jobs j WHERE j.document_id = d.id AND j.kind = 'analysis.analyse'),
              (SELECT count(*) FROM jobs j WHERE j.document_id = d.id AND j.state = 'succeeded'),
              (SELECT count(*) FROM analyses a WHERE a.document_id = d.id),
              (SELECT count(*) FROM activity v WHERE v.target_id = d.id AND v.action = 'document.uploaded'),
              (SELECT count(*) FROM activity v WHERE v.target_id = d.id AND v.action = 'document.analysed'),
              (SELECT count(*) FROM activity v WHERE v.target_id = d.id AND v.action = 'document.failed')
            FROM documents d WHERE d.organization_id = ANY(%s)
            """,
            [organizations],
        ).fetchall()
    effects = {row[0]: row[1:] for row in rows}
    assert set(acknowledged) <= set(effects), "acknowledged documents are missing"
    done = ("done", 1, 1, 2, 1, 1, 1, 0)
    not_read, not_analysed = ("failed", 1, 0, 0, 0, 1, 0, 1), ("failed", 1, 1, 1, 0, 1, 0, 1)
    wrong = {key: found for key, found in effects.items() if found not in {done, not_read, not_analysed}}
    assert wrong == {}, _story(servers, wrong)
    for organization_id in organizations:
        with unit_of_work(system_scope(organization_id, "test")) as uow:
            assert reconcile(uow) == {}, "counters differ from the rows"
    outcomes = [found[0] for found in effects.values()]
    return {outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))}


def seconds_to_run_again(servers: Servers) -> tuple[int, float, float]:
    """How many jobs lost one worker; median and greatest seconds from their first beginning to their end."""
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT extract(epoch FROM finished_at - started_at)::float FROM jobs"
            " WHERE lost_leases = 1 AND attempts = 0 AND state = 'succeeded'"
        ).fetchall()
    seconds = [row[0] for row in rows]
    return len(seconds), statistics.median(seconds or [0.0]), max(seconds, default=0.0)
