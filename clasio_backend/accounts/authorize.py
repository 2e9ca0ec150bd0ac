"""Mints the scope of a person: from a session cookie or an API token. Called for every request and every event."""

from datetime import timedelta
from uuid import UUID

from clasio_backend.accounts.errors import NoOrganization, SecondFactorWanted
from clasio_backend.accounts.repository import (
    ApiTokenRepository,
    MembershipRepository,
    SecondFactorRepository,
    SessionRepository,
    UserRepository,
)
from clasio_backend.accounts.schemas import Browser, OrganizationChoice, SignedIn, TokenCall, UserRow
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.errors import NotSignedIn
from clasio_backend.core.gateway import FoundSession
from clasio_backend.core.scope import (
    PERMISSIONS,
    TOKEN_PERMISSIONS,
    NoScope,
    Role,
    Scope,
    TokenScope,
    UserScope,
    new_request_id,
)
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.security.tokens import hash_token, looks_like_api_token

SESSION_IDLE = timedelta(days=7)
SESSION_LIFETIME = timedelta(days=30)
TOUCH_INTERVAL = timedelta(minutes=1)
_BAD_TOKEN = "The API token is missing, unknown, expired or revoked. Send it as: Authorization: Bearer <token>."  # noqa: S105  # a sentence


def authorize_session(token: str | None, *, request_id: str | None = None) -> SignedIn:
    """Who this session token stands for now; raises `NotSignedIn`, or `NoOrganization` for a person without one.

    Raises `SecondFactorWanted` where the organization that the session looks at requires what the person has not.
    """
    signed_in, may_enter = _authorize(token, request_id or new_request_id())
    if not may_enter:
        raise SecondFactorWanted(signed_in.organization.name)
    return signed_in


def authorize_way_out(token: str | None, *, request_id: str | None = None) -> SignedIn:
    """The same whatever the organization requires: to sign out, to go to another one, and to note a sign-in."""
    signed_in, _ = _authorize(token, request_id or new_request_id())
    return signed_in


def _authorize(token: str | None, request_id: str) -> tuple[SignedIn, bool]:
    """With whether the person has what the organization requires."""
    with unit_of_work(NoScope(request_id)) as uow:
        found = _find_session(uow, token)
        uow.enter(UserScope(found.user_id, request_id))
        users = uow.repository(UserRepository)
        user = users.get(found.user_id)
        choices = tuple(OrganizationChoice(*row) for row in users.memberships())
        sessions = uow.repository(SessionRepository)
        session = sessions.get(found.session_id)
        if user is None or session is None:
            raise NotSignedIn
        if session.last_used_at < now() - TOUCH_INTERVAL:
            sessions.touch(session.id, now())
        here = next((choice for choice in choices if choice.id == found.organization_id), next(iter(choices), None))
        may_enter = here is None or not here.requires_second_factor or uow.repository(SecondFactorRepository).is_on()
    if here is None:
        raise NoOrganization
    signed_in = SignedIn(
        scope=_scope(here.id, user.id, Role(here.role), request_id, session_id=session.id),
        session_id=found.session_id,
        user=UserRow(user.id, user.email, user.name, user.is_operator, user.deletion_due_at),
        organization=here,
        organizations=choices,
    )
    return signed_in, may_enter


def authorize_person(token: str | None, *, request_id: str | None = None) -> UserScope:
    """The same for what belongs to the person alone, so also for somebody without an organization."""
    request_id = request_id or new_request_id()
    with unit_of_work(NoScope(request_id)) as uow:
        found = _find_session(uow, token)
    return UserScope(found.user_id, request_id, found.session_id)


def authorize_browser(token: str | None, *, request_id: str | None = None) -> Browser:
    """The same with the session itself, for what an API token has no business with."""
    request_id = request_id or new_request_id()
    with unit_of_work(NoScope(request_id)) as uow:
        found = _find_session(uow, token)
    return Browser(UserScope(found.user_id, request_id, found.session_id), found.session_id)


def _find_session(uow: UnitOfWork, token: str | None) -> FoundSession:
    found = gateway.find_session(uow, hash_token(token), SESSION_IDLE) if token else None
    if found is None:
        raise NotSignedIn
    return found


def authorize_token(token: str | None, *, request_id: str | None = None) -> TokenCall:
    """Who calls by an API token: their scope is, of what its member may do in its organization, what it was made for.

    Raises `NotSignedIn` or `SecondFactorWanted`.
    """
    if not token or not looks_like_api_token(token):
        raise NotSignedIn(_BAD_TOKEN)
    request_id = request_id or new_request_id()
    with unit_of_work(NoScope(request_id)) as uow:
        found = gateway.find_api_token(uow, hash_token(token))
        if found is None:
            raise NotSignedIn(_BAD_TOKEN)
        uow.enter(_scope(found.organization_id, found.user_id, Role.MEMBER, request_id))
        memberships = uow.repository(MembershipRepository)
        membership = memberships.find_active(found.user_id)
        if membership is None:
            raise NotSignedIn("The person behind this API token is no longer a member.")
        organization, requires_second_factor, plan = memberships.terms()
        if requires_second_factor and not uow.repository(SecondFactorRepository).is_on():
            raise SecondFactorWanted(organization)  # or a password alone would still lead in, by a token made with it
        tokens = uow.repository(ApiTokenRepository)
        token_row = tokens.get(found.token_id)
        if token_row.last_used_at is None or token_row.last_used_at < now() - TOUCH_INTERVAL:
            tokens.touch(token_row.id, now())
    role, made_for = Role(membership.role), TokenScope(token_row.scope)
    scope = _scope(found.organization_id, found.user_id, role, request_id, made_for, token_id=found.token_id)
    return TokenCall(scope, plan)


def scope_of_member(organization_id: UUID, user_id: UUID, role: Role, request_id: str) -> Scope:
    """The scope of a membership that the caller has just written in this very step (set-up, command line)."""
    return _scope(organization_id, user_id, role, request_id)


def _scope(  # noqa: PLR0913  # what a scope consists of
    organization_id: UUID,
    user_id: UUID,
    role: Role,
    request_id: str,
    made_for: TokenScope = TokenScope.EVERYTHING,
    *,
    session_id: UUID | None = None,
    token_id: UUID | None = None,
) -> Scope:
    of_role = PERMISSIONS[role]
    permissions = of_role & TOKEN_PERMISSIONS[made_for]
    withheld = of_role - permissions
    return Scope(
        organization_id,
        user_id,
        role,
        permissions,
        request_id,
        withheld=withheld,
        session_id=session_id,
        token_id=token_id,
    )
