"""Look-ups before an organization is known, and claims across organizations.

Each calls one SECURITY DEFINER function of the schema `gateway` (see the migration); they return ids, nothing else.
What the ids stand for is then read under the policies, inside a scope.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, text

from clasio_backend.core.db import get_engine
from clasio_backend.core.unit_of_work import UnitOfWork


class FoundSession(NamedTuple):
    session_id: UUID
    user_id: UUID
    organization_id: UUID | None


class FoundToken(NamedTuple):
    token_id: UUID
    user_id: UUID
    organization_id: UUID


class FoundLink(NamedTuple):
    link_id: UUID
    user_id: UUID | None


class Claim(NamedTuple):
    """A job taken for `lease`; whoever writes its effect must still hold `lease_token`."""

    organization_id: UUID
    job_id: UUID
    lease_token: UUID


class ExpiredLease(NamedTuple):
    organization_id: UUID
    job_id: UUID


@contextmanager
def _connection() -> Iterator[Connection]:
    with get_engine().begin() as connection:
        yield connection


def _one(statement: str, **values: Any) -> Row[*tuple[Any, ...]] | None:
    with _connection() as connection:
        return connection.execute(text(statement), values).one_or_none()


def has_users() -> bool:
    """Whether the first person exists: before that, only the set-up page works."""
    row = _one("SELECT gateway.has_users()")
    return bool(row and row[0])


def find_user(email: str) -> UUID | None:
    """The person with this e-mail address, whatever its letter case."""
    if "\x00" in email:  # Postgres takes no such text, so nobody can have it
        return None
    row = _one("SELECT gateway.find_user(:email)", email=email)
    return row[0] if row else None


def find_session(uow: UnitOfWork, token_hash: bytes, idle: timedelta) -> FoundSession | None:
    """The live session of this cookie; None when unknown, expired or idle for longer than `idle`."""
    row: Row[*tuple[Any, ...]] | None = uow.execute_gateway(
        "SELECT * FROM gateway.find_session(:token_hash, :idle)", {"token_hash": token_hash, "idle": idle}
    ).one_or_none()
    return FoundSession(*row) if row else None


def find_api_token(uow: UnitOfWork, token_hash: bytes) -> FoundToken | None:
    """The living API token with this hash."""
    row: Row[*tuple[Any, ...]] | None = uow.execute_gateway(
        "SELECT * FROM gateway.find_api_token(:token_hash)", {"token_hash": token_hash}
    ).one_or_none()
    return FoundToken(*row) if row else None


def find_link(token_hash: bytes, purpose: str) -> FoundLink | None:
    """The unused link of this purpose, for showing its page."""
    row = _one("SELECT * FROM gateway.find_link(:token_hash, :purpose)", token_hash=token_hash, purpose=purpose)
    return FoundLink(*row) if row else None


def lock_link(uow: UnitOfWork, token_hash: bytes, purpose: str) -> FoundLink | None:
    """The same inside the step that uses it: until the step ends, no other step can use a link."""
    row: Row[*tuple[Any, ...]] | None = uow.execute_gateway(
        "SELECT * FROM gateway.find_link(:token_hash, :purpose)", {"token_hash": token_hash, "purpose": purpose}
    ).one_or_none()
    return FoundLink(*row) if row else None


def use_link(uow: UnitOfWork, link: FoundLink) -> None:
    uow.execute_gateway("SELECT gateway.use_link(:id)", {"id": link.link_id})


def organization_ids() -> list[UUID]:
    """Every organization, for work that then makes one job for each."""
    with _connection() as connection:
        return list(connection.execute(text("SELECT gateway.organization_ids()")).scalars())


def claim_job(uow: UnitOfWork, queue: str, lease: timedelta, running_cap: int) -> Claim | None:
    """Takes the next due job of `queue`; at most `running_cap` of one organization run in it at once."""
    row: Row[*tuple[Any, ...]] | None = uow.execute_gateway(
        "SELECT * FROM gateway.claim_job(:queue, :lease, :cap)", {"queue": queue, "lease": lease, "cap": running_cap}
    ).one_or_none()
    return Claim(*row) if row else None


def expired_leases(limit: int = 100) -> list[ExpiredLease]:
    """Jobs whose worker fell silent."""
    with _connection() as connection:
        rows = connection.execute(text("SELECT * FROM gateway.expired_leases(:limit)"), {"limit": limit})
        return [ExpiredLease(*row) for row in rows]


def due_jobs() -> dict[str, int]:
    """How many jobs of each queue could start now."""
    with _connection() as connection:
        counts: dict[str, int] = {}
        for queue, due in connection.execute(text("SELECT * FROM gateway.due_jobs()")):
            counts[queue] = counts.get(queue, 0) + due
        return counts


def remove_expired(batch: int) -> int:
    """Removes at most `batch` rows of each kind that had their day (sessions, links, ticks, finished jobs)."""
    row = _one("SELECT gateway.remove_expired(:batch)", batch=batch)
    return int(row[0]) if row else 0
