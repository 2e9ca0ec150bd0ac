"""Coming in through a provider: with the account that is connected, by an invite, or as somebody new."""

from uuid import UUID

from clasio_backend.accounts.errors import AccountExists, AddressNotVerified, EmailTaken, NoAccount
from clasio_backend.accounts.identities import new_identity, note_use, sign_in
from clasio_backend.accounts.repository import IdentityRepository, UserRepository
from clasio_backend.accounts.schemas import CodeWanted, NewSession
from clasio_backend.accounts.service import open_session
from clasio_backend.activity.service import record_security_event
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.gateway import FoundIdentity
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import NoScope, UserScope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.integrations.oidc import Provider, Told
from clasio_backend.models import User
from clasio_backend.organizations.errors import InviteForSomebodyElse
from clasio_backend.organizations.invites import use_invite, view_invite
from clasio_backend.organizations.service import found_organization, founding_scope


def enter(
    told: Told, provider: Provider, *, ip_address: str, user_agent: str, request_id: str
) -> NewSession | CodeWanted:
    """Signs the person in, or makes an account and an organization where SIGN_UP_DOMAINS lets them.

    Raises `AddressNotVerified`, `AccountExists` or `NoAccount`.
    """
    session = sign_in(told, provider, ip_address=ip_address, user_agent=user_agent, request_id=request_id)
    if session is not None:
        return session
    user = _newcomer(told)
    if not gateway.has_users() or not get_settings().may_sign_up(user.email):  # the first comes by the set-up link
        raise NoAccount
    with unit_of_work(founding_scope(user.id, request_id)) as uow:
        _add(uow.repository(UserRepository), user)
        uow.repository(IdentityRepository).add(new_identity(user.id, told))
        found_organization(uow, f"{user.name}'s organization"[:200])
        record_security_event(uow, "signed_up", user_id=user.id, ip_address=ip_address, provider=provider.name)
        return open_session(uow, user.id, ip_address=ip_address, user_agent=user_agent, provider=provider.slug)


def enter_by_invite(  # noqa: PLR0913  # as `enter`
    told: Told, provider: Provider, token: str, *, ip_address: str, user_agent: str, request_id: str
) -> NewSession | CodeWanted:
    """Joins with the account that is connected, or with a new one. Whose it is must have the invited address.

    Raises `LinkNotFound`, `InviteForSomebodyElse`, `AddressNotVerified` or `AccountExists`.
    """
    email = view_invite(token).email
    found = gateway.find_identity(told.issuer, told.subject)
    newcomer = None if found else _newcomer(told)
    known_as = newcomer.email if newcomer else _address(found, request_id)
    if email.lower() not in {known_as.lower(), (told.email or "").lower()}:
        raise InviteForSomebodyElse(email)
    with unit_of_work(NoScope(request_id)) as uow:
        user_id = _join(uow, token, told, found, newcomer)
        here = uow.scope.organization_id
        return open_session(
            uow, user_id, ip_address=ip_address, user_agent=user_agent, lands_in=here, provider=provider.slug
        )


def _join(uow: UnitOfWork, token: str, told: Told, found: FoundIdentity | None, newcomer: User | None) -> UUID:
    if newcomer is not None:
        try:
            use_invite(uow, token, newcomer.id, newcomer)
        except EmailTaken as error:  # somebody was faster
            raise AccountExists from error
        uow.repository(IdentityRepository).add(new_identity(newcomer.id, told))
        return newcomer.id
    if found is None:
        raise NoAccount
    use_invite(uow, token, found.user_id, None)
    if not note_use(uow, found.identity_id, told):  # disconnected since
        raise NoAccount
    return found.user_id


def _newcomer(told: Told) -> User:
    """Without a password: nobody but the provider has shown who they are."""
    if told.email is None:
        raise AddressNotVerified
    if gateway.find_user(told.email) is not None:
        raise AccountExists
    return User(id=new_id(), email=told.email, name=told.name, email_verified_at=now(), last_seen_at=now())


def _add(users: UserRepository, user: User) -> None:
    try:
        users.add(user)
    except EmailTaken as error:  # somebody was faster
        raise AccountExists from error


def _address(found: FoundIdentity | None, request_id: str) -> str:
    if found is None:
        return ""
    with unit_of_work(UserScope(found.user_id, request_id)) as uow:
        user = uow.repository(UserRepository).get(found.user_id)
        return user.email if user else ""
