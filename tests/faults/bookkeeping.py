"""Documents that come in while things fail, and the question whether each was done, and done once."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.usage.budget import release_all_expired
from clasio_backend.usage.service import reconcile
from tests import factories
from tests.cast import Actor
from tests.gemini import counters
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
        causes = connection.execute(
            "SELECT id, stage, error_code, error_message FROM documents WHERE id = ANY(%s)", [list(wrong)]
        ).fetchall()
    said = (servers.folder / "engine.log").read_text(errors="replace").splitlines()
    about = [line for line in said if any(str(document_id) in line for document_id in wrong)]
    return "\n".join([*map(str, wrong.items()), *map(str, jobs), *map(str, causes), *about])


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


def expect_paid_once(servers: Servers, organization_ids: set[UUID]) -> None:
    """What each organization was charged is what its analyses by the model cost; what nobody settled is given back."""
    with servers.as_owner() as connection:
        connection.execute("UPDATE usage_reservations SET expires_at = now() WHERE settled_at IS NULL")
        release_all_expired()
        for organization_id in organization_ids:
            row = connection.execute(
                "SELECT count(*), sum(tokens_in + tokens_out) FROM analyses"
                " WHERE organization_id = %s AND source = 'gemini'",
                [organization_id],
            ).fetchone()
            assert row is not None
            analyses, tokens = row
            assert counters(servers, organization_id) == {"ai_tokens": (tokens, 0), "fast_analyses": (analyses, 0)}


NOTE_CLAIMS = """
    CREATE TABLE claims_seen (job_id uuid NOT NULL, at timestamptz NOT NULL, lost_leases integer NOT NULL);
    CREATE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      INSERT INTO claims_seen VALUES (NEW.id, clock_timestamp(), NEW.lost_leases);
      RETURN NULL;
    END $$;
    CREATE TRIGGER note_claim AFTER UPDATE OF lease_token ON jobs FOR EACH ROW
      WHEN (NEW.lease_token IS NOT NULL AND NEW.lease_token IS DISTINCT FROM OLD.lease_token)
      EXECUTE FUNCTION note_claim();
"""
FORGET_CLAIMS = "DROP TRIGGER note_claim ON jobs; DROP FUNCTION note_claim; DROP TABLE claims_seen"


@contextmanager
def claims_noted(servers: Servers) -> Iterator[None]:
    """Notes each claim of a job while it lasts: the job's own row keeps only the first and the last."""
    with servers.as_owner() as connection:
        connection.execute(NOTE_CLAIMS)
    try:
        yield
    finally:
        with servers.as_owner() as connection:
            connection.execute(FORGET_CLAIMS)


def seconds_to_run_again(servers: Servers) -> list[float]:
    """Seconds from the claim by a worker that was lost to the next claim of the same job, the shortest first."""
    with servers.as_owner() as connection:
        rows = connection.execute(
            """
            SELECT extract(epoch FROM at - before)::float FROM (
              SELECT at, lost_leases, lag(at) OVER claims AS before, lag(lost_leases) OVER claims AS lost_before
              FROM claims_seen WINDOW claims AS (PARTITION BY job_id ORDER BY at)
            ) AS claim WHERE lost_leases > lost_before ORDER BY 1
            """
        ).fetchall()
    return [row[0] for row in rows]
