"""Security events: what belongs to no organization, such as failed sign-ins and what operators did."""

from typing import Any
from uuid import UUID

from clasio_backend.accounts.repository import UserRepository
from clasio_backend.core.cursors import decode_time_cursor, encode_cursor
from clasio_backend.core.scope import NoScope, UserScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.ops.access import Operator
from clasio_backend.ops.repository import WorkRepository
from clasio_backend.ops.schemas import OpsQuery, SecurityEventPage, SecurityEventRow

SENTENCES = {
    "sign_in_failed": "could not sign in",
    "confirmation_failed": "did not confirm with the right password",
    "password_changed": "changed their password",
    "password_reset_asked": "asked for a link to choose a new password",
    "password_reset": "chose a new password by a link",
    "email_change_asked": "asked to change their e-mail address",
    "email_changed": "changed their e-mail address",
    "email_confirmed": "confirmed their e-mail address",
    "code_wrong": "typed a wrong code",
    "second_factor_turned_on": "turned two-factor sign-in on",
    "second_factor_turned_off": "turned two-factor sign-in off",
    "second_factor_removed": "had two-factor sign-in turned off by an operator",
    "recovery_codes_made": "made new recovery codes",
    "recovery_code_used": "used a recovery code",
    "signed_up": "signed up",
    "provider_sign_in_failed": "could not sign in through a provider",
    "identity_connected": "connected another way to sign in",
    "identity_disconnected": "disconnected a way to sign in",
    "account_deletion_asked": "asked for the deletion of their account",
    "account_kept": "kept their account",
    "account_deleted": "had their account deleted",
    "organization_deleted": "deleted an organization",
    "operator_token_created": "created an operator token",
    "operator_token_revoked": "revoked an operator token",
    "operator_retried_job": "retried a dead job",
    "operator_dropped_job": "dropped a dead job",
    "operator_paused_queue": "paused a queue",
    "operator_resumed_queue": "resumed a queue",
    "operator_paused_schedule": "paused a schedule",
    "operator_resumed_schedule": "resumed a schedule",
    "operator_ran_schedule": "ran a schedule now",
    "operator_made_data_key": "made a new data key for an organization",
    "data_key_destroyed": "moved every file to a new data key, and destroyed the former",
    "data_key_kept": "kept a former data key: some files under it cannot be read",
    "operator_started_scan": "had documents scanned again",
}

BY_ITSELF = frozenset({"organization_deleted", "data_key_destroyed", "data_key_kept"})


def list_security_events(operator: Operator, query: OpsQuery) -> SecurityEventPage:
    """A page of events, the latest first."""
    before = decode_time_cursor(query.cursor) if query.cursor else None
    with unit_of_work(NoScope(operator.request_id)) as uow:
        found = uow.repository(WorkRepository).security_events(limit=query.limit + 1, before=before)
    page, has_more = found[: query.limit], len(found) > query.limit
    addresses = _addresses({row.user_id for row in page if row.user_id}, operator.request_id)
    rows = tuple(_row(addresses, *row) for row in page)
    return SecurityEventPage(rows, encode_cursor(rows[-1].at, rows[-1].id) if has_more else None)


def _addresses(people: set[UUID], request_id: str) -> dict[UUID, str]:
    """Whom an account belongs to: without it an operator could not tell an attack from a forgotten password."""
    addresses: dict[UUID, str] = {}
    with unit_of_work(NoScope(request_id)) as uow:
        for user_id in people:
            uow.enter(UserScope(user_id, request_id))
            user = uow.repository(UserRepository).get(user_id)
            if user is not None:
                addresses[user_id] = user.email
    return addresses


def _row(addresses: dict[UUID, str], event_id: UUID, at: Any, kind: str, *rest: Any) -> SecurityEventRow:
    user_id, ip_address, details = rest
    nobody = "An operator token" if "by_token" in details else "The command line"
    if not kind.startswith("operator_"):
        nobody = "Clasio" if kind in BY_ITSELF else "Somebody unknown"
    return SecurityEventRow(
        id=event_id,
        at=at,
        kind=kind,
        sentence=SENTENCES.get(kind, kind.replace("_", " ")),
        who=addresses.get(user_id, "A former member") if user_id else nobody,
        ip_address=ip_address,
        details={name: str(value) for name, value in details.items()},
    )
