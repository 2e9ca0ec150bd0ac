"""Sign-in, sign-out, sessions and API tokens."""

from datetime import timedelta
from uuid import UUID

from clasio_backend.accounts.authorize import SESSION_LIFETIME
from clasio_backend.accounts.errors import NoPassword, WrongCredentials, WrongPassword
from clasio_backend.accounts.repository import (
    ApiTokenRepository,
    PendingSignInRepository,
    SecondFactorRepository,
    SessionRepository,
    UserRepository,
)
from clasio_backend.accounts.schemas import CodeWanted, CreatedToken, NewSession, NewToken, SignedIn, TokenRow
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record, record_security_event
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import NoScope, Permission, TokenScope, UserScope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.models import ApiToken, PendingSignIn, User, UserSession
from clasio_backend.security import rate_limit, rates
from clasio_backend.security.passwords import hash_password, needs_rehash, verify_password
from clasio_backend.security.tokens import hash_token, new_api_token, new_token

MAX_TOKENS = 100
PENDING_LIFETIME = timedelta(minutes=5)
"""How long the code may be typed after the password."""
FRESH = timedelta(minutes=10)
"""How long a sign-in through a provider stands for the password of somebody who has none."""


def sign_in(email: str, password: str, *, ip_address: str, user_agent: str, request_id: str) -> NewSession | CodeWanted:
    """Checks the password and opens a session, or asks for a code; raises `WrongCredentials` or `TooManyRequests`.

    An unknown address costs the same time as a wrong password.
    """
    user_id, password_hash = check_password(email, password, ip_address=ip_address, request_id=request_id)
    with unit_of_work(UserScope(user_id, request_id)) as uow:
        user = uow.repository(UserRepository).get_for_update(user_id)
        if user.password_hash != password_hash:  # changed meanwhile: its session would outlive the change
            raise WrongCredentials
        user.last_seen_at = now()
        if needs_rehash(password_hash):
            user.password_hash = hash_password(password)
        return open_session(uow, user_id, ip_address=ip_address, user_agent=user_agent)


def check_password(email: str, password: str, *, ip_address: str, request_id: str) -> tuple[UUID, str]:
    """(person, hash) of right credentials; throttled; raises `WrongCredentials` or `TooManyRequests`."""
    user_id = gateway.find_user(email)
    # By the person where there is one: the database finds an address in spellings that Python tells apart (İ and i).
    limits = rates.sign_in(str(user_id or email.lower()), ip_address)
    with rate_limit.one_guess(limits, wrong=WrongCredentials):
        password_hash = _password_hash(user_id, request_id) if user_id else None
        if not verify_password(password_hash, password) or user_id is None or password_hash is None:
            with unit_of_work(NoScope(request_id)) as uow:
                record_security_event(uow, "sign_in_failed", user_id=user_id, ip_address=ip_address)
            raise WrongCredentials
        return user_id, password_hash


def _password_hash(user_id: UUID, request_id: str) -> str | None:
    with unit_of_work(UserScope(user_id, request_id)) as uow:
        user = uow.repository(UserRepository).get(user_id)
        return user.password_hash if user and user.is_active else None


def confirm_password(person: UserScope, password: str) -> str | None:
    """Asks somebody who is signed in for their password again; returns the hash that it fits.

    Whoever has none must have signed in through a provider a moment ago, in this very browser: then it is None. Raises
    `WrongPassword`, `NoPassword` or `TooManyRequests`.
    """
    with rate_limit.one_guess(rates.confirmation(str(person.user_id)), wrong=WrongPassword):
        password_hash = _password_hash(person.user_id, person.request_id)
        if password_hash is None:
            if has_just_signed_in(person):
                return None
            raise NoPassword
        if not verify_password(password_hash, password):
            with unit_of_work(person) as uow:
                record_security_event(uow, "confirmation_failed", user_id=person.user_id)
            raise WrongPassword
        return password_hash


def has_just_signed_in(person: UserScope) -> bool:
    """Whether this browser was signed in through a provider within the last ten minutes."""
    if person.session_id is None:
        return False
    with unit_of_work(person) as uow:
        session = uow.repository(SessionRepository).get(person.session_id)
        return session is not None and bool(session.provider) and session.created_at > now() - FRESH


def open_session(  # noqa: PLR0913  # what a session notes of how it came to be
    uow: UnitOfWork,
    user_id: UUID,
    *,
    ip_address: str,
    user_agent: str,
    lands_in: UUID | None = None,
    provider: str = "",
) -> NewSession | CodeWanted:
    """A new session, never a reused id (ASVS 5.0.0 §7.2.4), for somebody whose password, link or provider was right.

    Who has a second factor gets no session here, whatever way they came: only one that waits for the code.
    """
    # Somebody turning the factor on ends all sessions, so this one must be written before that or asked for a code.
    user = uow.repository(UserRepository).get_for_update(user_id)
    if uow.repository(SecondFactorRepository).is_on():
        return _ask_for_code(uow, user, lands_in, provider)
    return _write_session(uow, user, ip_address, user_agent, lands_in, provider)


def open_session_after_code(uow: UnitOfWork, pending: PendingSignIn, *, ip_address: str, user_agent: str) -> NewSession:
    """The session that `pending` waited for; the caller has taken the code in this very step."""
    user = uow.repository(UserRepository).get_for_update(pending.user_id)
    uow.repository(PendingSignInRepository).remove(pending.id)
    return _write_session(uow, user, ip_address, user_agent, pending.lands_in, pending.provider)


def renew_session(uow: UnitOfWork, signed_in: SignedIn, *, ip_address: str, user_agent: str) -> NewSession:
    """One in place of the session that somebody is signed in by: the code for that was typed before."""
    user = uow.repository(UserRepository).get_for_update(signed_in.user.id)
    return _write_session(uow, user, ip_address, user_agent, signed_in.organization.id)


def _write_session(  # noqa: PLR0913, PLR0917  # as in `open_session`
    uow: UnitOfWork, user: User, ip_address: str, user_agent: str, lands_in: UUID | None, provider: str = ""
) -> NewSession:
    token = new_token()
    session = UserSession(
        token_hash=hash_token(token),
        user_id=user.id,
        organization_id=lands_in,
        expires_at=now() + SESSION_LIFETIME,
        user_agent=user_agent[:400],
        ip_address=ip_address[:64],
        provider=provider,
    )
    uow.repository(SessionRepository).add(session)
    return NewSession(session.id, token, session.expires_at, user.id)


def _ask_for_code(uow: UnitOfWork, user: User, lands_in: UUID | None, provider: str) -> CodeWanted:
    token = new_token()
    pending = PendingSignIn(
        token_hash=hash_token(token),
        user_id=user.id,
        lands_in=lands_in,
        provider=provider,
        expires_at=now() + PENDING_LIFETIME,
    )
    uow.repository(PendingSignInRepository).add(pending)
    return CodeWanted(token, pending.expires_at)


def note_sign_in(signed_in: SignedIn) -> None:
    """Writes the sign-in into the activity of the organization that the person lands in."""
    with unit_of_work(signed_in.scope) as uow:
        record(uow, Action.SIGNED_IN, "user", signed_in.user.id)


def sign_out(signed_in: SignedIn) -> None:
    """Ends the session; its open pages are told and leave."""
    with unit_of_work(signed_in.scope) as uow:
        record(uow, Action.SIGNED_OUT, "user", signed_in.user.id)
        uow.repository(SessionRepository).remove(signed_in.session_id)
        uow.notify("session", signed_in.session_id)


def switch_organization(signed_in: SignedIn, organization_id: UUID) -> None:
    """Makes this session look at another organization of the same person; its open pages are told and follow."""
    if organization_id not in {choice.id for choice in signed_in.organizations}:
        raise NotFound("organization")
    with unit_of_work(UserScope(signed_in.user.id, signed_in.scope.request_id)) as uow:
        uow.repository(SessionRepository).set_organization(signed_in.session_id, organization_id)
        uow.notify("session", signed_in.session_id, to=signed_in.organization.id)


def create_api_token(uow: UnitOfWork, request: NewToken) -> CreatedToken:
    """A token that can do what its member can, in this organization, or a part of that; its text is shown once."""
    token = new_api_token()
    user_id = _person(uow)
    days = request.expires_in_days
    row = ApiToken(
        organization_id=uow.scope.organization_id,
        user_id=user_id,
        name=request.name,
        token_hash=hash_token(token),
        hint=token[-6:],
        scope=request.scope,
        expires_at=None if days is None else now() + timedelta(days=days),
    )
    uow.repository(ApiTokenRepository).add(row)
    record(uow, Action.TOKEN_CREATED, "token", row.id, name=row.name)
    uow.notify("token", row.id)
    return CreatedToken(row.id, token, row.name, request.scope, row.expires_at)


def list_api_tokens(uow: UnitOfWork) -> list[TokenRow]:
    """The caller's own tokens, newest first."""
    rows = uow.repository(ApiTokenRepository).list_of(_person(uow), limit=MAX_TOKENS)
    return [_token_row(row) for row in rows]


def _token_row(row: ApiToken) -> TokenRow:
    return TokenRow(
        id=row.id,
        name=row.name,
        hint=row.hint,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        scope=TokenScope(row.scope),
        expires_at=row.expires_at,
        is_expired=row.expires_at is not None and row.expires_at <= now(),
    )


def revoke_api_token(uow: UnitOfWork, token_id: UUID) -> None:
    """Ends one of the caller's own tokens at once."""
    user_id = _person(uow)
    row = uow.repository(ApiTokenRepository).get(token_id)
    if row.user_id != user_id or row.revoked_at is not None:
        raise NotFound("token")
    row.revoked_at = now()
    record(uow, Action.TOKEN_REVOKED, "token", row.id, name=row.name)
    uow.notify("token", row.id)


def end_access(uow: UnitOfWork, user_id: UUID) -> None:
    """Ends sessions and API tokens of somebody who was switched off or removed here; open pages leave at once."""
    uow.repository(ApiTokenRepository).revoke_all_of(user_id, now())
    uow.flush()
    for session_id in gateway.end_sessions_of(uow, user_id):
        uow.notify("session", session_id)


def _person(uow: UnitOfWork) -> UUID:
    uow.scope.require(Permission.MANAGE_OWN_TOKENS, "token")  # or a token could make one that may do more than itself
    if uow.scope.user_id is None:
        raise NotFound("token")
    return uow.scope.user_id
