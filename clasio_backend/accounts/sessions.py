"""A person's own sessions: seen, and ended one by one or all others. A change of the password ends them all."""

from uuid import UUID

from clasio_backend.accounts.errors import WrongPassword
from clasio_backend.accounts.repository import PendingSignInRepository, SessionRepository, UserRepository
from clasio_backend.accounts.schemas import NewSession, SessionRow, SignedIn
from clasio_backend.accounts.service import confirm_password, renew_session
from clasio_backend.accounts.telling import connected_accounts
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record, record_security_event
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import NotFound, ValidationFailed
from clasio_backend.core.scope import UserScope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.integrations.oidc import name_of_slug
from clasio_backend.mail.service import queue_mail
from clasio_backend.security.devices import in_words
from clasio_backend.security.passwords import check_strength, hash_password

MAX_SESSIONS = 100


class SamePassword(ValidationFailed):
    code = "same_password"

    def __init__(self) -> None:
        message = "This is the password that you have. Choose another."
        super().__init__(message, {"password": message})


def list_sessions(uow: UnitOfWork, current: UUID | None = None) -> list[SessionRow]:
    """The caller's own, the one used last first; `current` marks the one that asks."""
    return [
        SessionRow(
            id=row.id,
            device=in_words(row.user_agent),
            ip_address=row.ip_address,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            is_current=row.id == current,
            provider=name_of_slug(row.provider) if row.provider else "",
        )
        for row in uow.repository(SessionRepository).list_recent(limit=MAX_SESSIONS)
    ]


def end_session(uow: UnitOfWork, session_id: UUID) -> None:
    """Signs one of the caller's own browsers out; its open pages leave."""
    sessions = uow.repository(SessionRepository)
    if sessions.get(session_id) is None:
        raise NotFound("session")
    sessions.remove(session_id)
    tell_ended(uow, [session_id])


def end_other_sessions(uow: UnitOfWork, current: UUID) -> int:
    """Signs the caller out everywhere else; returns how many browsers that were."""
    ended = uow.repository(SessionRepository).remove_all(but=current)
    tell_ended(uow, ended)
    return len(ended)


def change_password(  # two passwords, and what a session notes of its browser
    signed_in: SignedIn, current_password: str, password: str, *, ip_address: str, user_agent: str
) -> NewSession:
    """Stores the new password, ends every session and opens a new one for the caller; a mail tells of it. Also the
    first one of somebody who has only signed in through a provider.

    Raises `WrongPassword`, `NoPassword`, `TooManyRequests`, `WeakPassword` or `SamePassword`; then nothing has changed.
    API tokens stay: they were made by name, and are revoked by name (ASVS 5.0.0 §7.4.3 asks for sessions).
    """
    user = signed_in.user
    try:
        person = UserScope(user.id, signed_in.scope.request_id, signed_in.session_id)
        checked = confirm_password(person, current_password)
    except WrongPassword as error:
        raise _not_current() from error
    if password == current_password:
        raise SamePassword
    check_strength(password, personal=(user.name, user.email))
    password_hash = hash_password(password)
    with unit_of_work(signed_in.scope) as uow:
        row = uow.repository(UserRepository).get_for_update(user.id)
        if row.password_hash != checked:  # somebody was faster: what was typed is the password no more
            raise _not_current()
        row.password_hash, row.password_changed_at = password_hash, now()
        sessions = uow.repository(SessionRepository)
        tell_ended(uow, sessions.remove_all())
        uow.repository(PendingSignInRepository).remove_all()
        session = renew_session(uow, signed_in, ip_address=ip_address, user_agent=user_agent)
        link = f"{get_settings().base_url}/settings"
        queue_mail(uow, user.email, "password_changed", link=link, connected=connected_accounts(uow))
        record(uow, Action.PASSWORD_CHANGED, "user", user.id)
        record_security_event(uow, "password_changed", user_id=user.id, ip_address=ip_address)
        return session


def _not_current() -> WrongPassword:
    """At the field that this form has for it."""
    error = WrongPassword()
    error.fields = {"current_password": error.message}
    return error


def tell_ended(uow: UnitOfWork, ended: list[UUID]) -> None:
    """Has the open pages of these sessions leave. They listen to the organization they show, which only they know."""
    organizations = [row[0] for row in uow.repository(UserRepository).memberships()]
    for session_id in ended:
        for organization_id in organizations:
            uow.notify("session", session_id, to=organization_id)
