"""Does in this process what workers do, one job after the other."""

from uuid import UUID

from psycopg.rows import DictRow, dict_row

from clasio_backend.core import gateway
from jobs.runner import run_due
from tests.servers import Servers

MAX_JOBS = 2_000


class Worker:
    """`run_all` works until nothing is due; jobs queued for later are brought forward by `make_due`."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        with servers.as_owner() as connection:
            connection.execute("UPDATE jobs SET state = 'cancelled' WHERE state IN ('queued', 'running')")
            connection.execute("DELETE FROM instance_jobs")

    def run_all(self) -> int:
        """Runs until no job is due; returns how many wake-ups that took."""
        runs = 0
        while due := gateway.due_jobs():
            for queue in due:
                run_due(queue)
                runs += 1
            assert runs < MAX_JOBS, f"jobs stay due: {due}"
        return runs

    def make_due(self, job_id: UUID) -> None:
        with self._servers.as_owner() as connection:
            connection.execute("UPDATE jobs SET run_after = now() WHERE id = %s", [job_id])

    def expire_lease(self, job_id: UUID) -> None:
        """As if the lease had run out: its holder fell silent."""
        with self._servers.as_owner() as connection:
            connection.execute("UPDATE jobs SET lease_expires_at = now() - interval '1 second' WHERE id = %s", [job_id])

    def job(self, job_id: UUID) -> DictRow:
        """The job's row as it stands."""
        with self._servers.as_owner() as connection, connection.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute("SELECT * FROM jobs WHERE id = %s", [job_id]).fetchone()
            assert row is not None
            return row

    def jobs_of(self, organization_id: UUID) -> list[DictRow]:
        """All jobs of an organization, oldest first."""
        with self._servers.as_owner() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "SELECT * FROM jobs WHERE organization_id = %s ORDER BY created_at, id", [organization_id]
            ).fetchall()
