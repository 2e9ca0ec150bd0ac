"""Look-ups before an organization is known, and claims across organizations.

Each calls one SECURITY DEFINER function of the schema `gateway` (see the migration); they return ids, nothing else.
What the ids stand for is then read under the policies, inside a scope.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, text

from clasio_backend.core.db import get_engine
from clasio_backend.core.unit_of_work import UnitOfWork


class FoundSession(NamedTuple):
    session_id: UUID
    user_id: UUID
    organization_id: UUID | None


class FoundPendingSignIn(NamedTuple):
    pending_id: UUID
    user_id: UUID


class FoundIdentity(NamedTuple):
    identity_id: UUID
    user_id: UUID


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


class FoundInvite(NamedTuple):
    organization_id: UUID
    invite_id: UUID


class FoundShare(NamedTuple):
    organization_id: UUID
    share_id: UUID


class EndingToken(NamedTuple):
    organization_id: UUID
    token_id: UUID


class FoundExport(NamedTuple):
    organization_id: UUID
    export_id: UUID


class FoundMail(NamedTuple):
    organization_id: UUID
    mail_id: UUID


@contextmanager
def _connection() -> Iterator[Connection]:
    with get_engine().begin() as connection:
        yield connection


def _one(statement: str, **values: Any) -> Row[*tuple[Any, ...]] | None:
    with _connection() as connection:
        return connection.execute(text(statement), values).one_or_none()


def _ids(statement: str, **values: Any) -> list[UUID]:
    with _connection() as connection:
        return list(connection.execute(text(statement), values).scalars())


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


def find_pending_sign_in(token_hash: bytes) -> FoundPendingSignIn | None:
    """The sign-in that waits for a code and belongs to this cookie; None when unknown, used or too old."""
    row = _one("SELECT * FROM gateway.find_pending_sign_in(:token_hash)", token_hash=token_hash)
    return FoundPendingSignIn(*row) if row else None


def find_identity(issuer: str, subject: str) -> FoundIdentity | None:
    """Whose this account at a provider is; None also when that person may not sign in any more."""
    row = _one("SELECT * FROM gateway.find_identity(:issuer, :subject)", issuer=issuer, subject=subject)
    return FoundIdentity(*row) if row else None


def spend_state(state_hash: bytes, until: datetime) -> bool:
    """Whether this `state` has not come back before; from now on it has. It is remembered until `until`."""
    row = _one("SELECT gateway.spend_state(:state_hash, :until)", state_hash=state_hash, until=until)
    return bool(row and row[0])


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


def find_invite(uow: UnitOfWork, token_hash: bytes) -> FoundInvite | None:
    """The open invite with this link; until the step ends, no other step can use it."""
    row: Row[*tuple[Any, ...]] | None = uow.execute_gateway(
        "SELECT * FROM gateway.find_invite(:token_hash)", {"token_hash": token_hash}
    ).one_or_none()
    return FoundInvite(*row) if row else None


def find_share(uow: UnitOfWork, token_hash: bytes) -> FoundShare | None:
    """The share that this link opens now; None when unknown, expired, revoked, or its document or sharer is gone."""
    row: Row[*tuple[Any, ...]] | None = uow.execute_gateway(
        "SELECT * FROM gateway.find_share(:token_hash)", {"token_hash": token_hash}
    ).one_or_none()
    return FoundShare(*row) if row else None


def shares_ending(within: timedelta, limit: int) -> list[FoundShare]:
    """Shares that end soon and whose sharers have not been told, the soonest first."""
    with _connection() as connection:
        rows = connection.execute(
            text("SELECT * FROM gateway.shares_ending(:within, :limit)"), {"within": within, "limit": limit}
        )
        return [FoundShare(*row) for row in rows]


def tokens_ending(within: timedelta, limit: int) -> list[EndingToken]:
    """API tokens that end soon and whose owners have not been told, the soonest first."""
    with _connection() as connection:
        rows = connection.execute(
            text("SELECT * FROM gateway.tokens_ending(:within, :limit)"), {"within": within, "limit": limit}
        )
        return [EndingToken(*row) for row in rows]


def end_sessions_of(uow: UnitOfWork, user_id: UUID) -> list[UUID]:
    """Ends the sessions in this organization of somebody who was switched off or removed here; returns their ids."""
    return list(uow.execute_gateway("SELECT gateway.end_sessions_of(:user_id)", {"user_id": user_id}).scalars())


def members_with_second_factor(uow: UnitOfWork) -> set[UUID]:
    """Who of the organization that this step is in has turned two-factor sign-in on."""
    rows = uow.execute_gateway("SELECT gateway.members_with_second_factor()", {})
    return set(rows.scalars())


def has_other_operator(uow: UnitOfWork, user_id: UUID) -> bool:
    """Whether somebody else stays an operator; until the step ends, no other step can ask the same."""
    return bool(uow.execute_gateway("SELECT gateway.has_other_operator(:user_id)", {"user_id": user_id}).scalar())


def accounts_to_delete(limit: int) -> list[UUID]:
    """People whose waiting time is over, also those whose deletion was begun and not finished."""
    return _ids("SELECT gateway.accounts_to_delete(:limit)", limit=limit)


def organizations_to_delete(limit: int) -> list[UUID]:
    """Organizations whose waiting time is over and that people still get into."""
    return _ids("SELECT gateway.organizations_to_delete(:limit)", limit=limit)


def organizations_to_purge(settled: timedelta, limit: int) -> list[UUID]:
    """Organizations that nobody has got into for `settled`, and of which something is still there."""
    return _ids("SELECT gateway.organizations_to_purge(:settled, :limit)", settled=settled, limit=limit)


def remove_links_of(uow: UnitOfWork, user_id: UUID) -> None:
    """Removes the one-time links of somebody whose deletion has begun."""
    uow.execute_gateway("SELECT gateway.remove_links_of(:user_id)", {"user_id": user_id})


def remove_activity_here(uow: UnitOfWork, batch: int) -> int:
    """Removes at most `batch` entries of this organization, which must be deleted."""
    return int(uow.execute_gateway("SELECT gateway.remove_activity_here(:batch)", {"batch": batch}).scalar_one())


def send_sessions_elsewhere(uow: UnitOfWork) -> None:
    """Sessions that look at this organization, which must be deleted, look at another from now on."""
    uow.execute_gateway("SELECT gateway.send_sessions_elsewhere()", {})


def kept_mails(limit: int) -> list[FoundMail]:
    """The newest messages that wait in the outbox, for operators."""
    with _connection() as connection:
        rows = connection.execute(text("SELECT * FROM gateway.kept_mails(:limit)"), {"limit": limit})
        return [FoundMail(*row) for row in rows]


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


def remove_old_mails(batch: int) -> int:
    """Removes at most `batch` messages older than 30 days."""
    row = _one("SELECT gateway.remove_old_mails(:batch)", batch=batch)
    return int(row[0]) if row else 0


def remove_old_activity(batch: int) -> int:
    """Removes at most `batch` entries older than 90 days."""
    row = _one("SELECT gateway.remove_old_activity(:batch)", batch=batch)
    return int(row[0]) if row else 0


def remove_old_security_events(batch: int) -> int:
    """Removes at most `batch` events older than 90 days."""
    row = _one("SELECT gateway.remove_old_security_events(:batch)", batch=batch)
    return int(row[0]) if row else 0


def documents_to_purge(kept_for: timedelta, limit: int) -> list[tuple[UUID, UUID]]:
    """(organization, document) of what has been in the trash for longer, the oldest first."""
    with _connection() as connection:
        rows = connection.execute(
            text("SELECT * FROM gateway.documents_to_purge(:kept_for, :limit)"), {"kept_for": kept_for, "limit": limit}
        )
        return [(organization_id, document_id) for organization_id, document_id in rows]


def unscanned_documents() -> tuple[int, datetime | None]:
    """How many documents of the instance have no verdict of the scanner yet, and since when the oldest is here."""
    with _connection() as connection:
        row = connection.execute(text("SELECT documents, oldest FROM gateway.ops_unscanned_documents()")).one()
        return int(row[0]), row[1]


def not_scanned_documents() -> int:
    """How many documents of the instance came in while the scanner was off and have not been scanned since."""
    row = _one("SELECT documents FROM gateway.ops_not_scanned_documents()")
    return int(row[0]) if row else 0


def organizations_not_scanned(limit: int) -> list[UUID]:
    """Organizations that have such documents."""
    return _ids("SELECT gateway.organizations_not_scanned(:limit)", limit=limit)


def exports_to_remove(limit: int) -> list[FoundExport]:
    """Exports that have had their day, the oldest first."""
    with _connection() as connection:
        rows = connection.execute(text("SELECT * FROM gateway.exports_to_remove(:limit)"), {"limit": limit})
        return [FoundExport(*row) for row in rows]


def documents_with_old_renderings(older_than: timedelta, limit: int) -> list[tuple[UUID, UUID]]:
    """(organization, document) where a page was drawn so long ago, the oldest first; lists' pictures do not count."""
    with _connection() as connection:
        rows = connection.execute(
            text("SELECT * FROM gateway.documents_with_old_renderings(:older_than, :limit)"),
            {"older_than": older_than, "limit": limit},
        )
        return [(organization_id, document_id) for organization_id, document_id in rows]


def unfinished_imports(silent_for: timedelta, limit: int) -> list[UUID]:
    """Organizations whose import stopped half-way and has given no sign of life for so long."""
    with _connection() as connection:
        rows = connection.execute(
            text("SELECT * FROM gateway.unfinished_imports(:silent_for, :limit)"),
            {"silent_for": silent_for, "limit": limit},
        )
        return list(rows.scalars())


def organizations_with_old_reservations(closed_for: timedelta, limit: int) -> list[UUID]:
    """Organizations that hold an amount for too long, or keep reservations that were closed so long ago."""
    return _ids(
        "SELECT gateway.organizations_with_old_reservations(:closed_for, :limit)", closed_for=closed_for, limit=limit
    )
