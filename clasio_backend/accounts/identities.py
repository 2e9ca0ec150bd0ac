"""Accounts elsewhere that sign a person in (decision 0022): by issuer and subject, never by address.

An address that a provider has confirmed makes an account where there is none. It never opens one that is there: who has
that account connects the two, signed in, with the password.
"""

from uuid import UUID

from clasio_backend.accounts.attempts import Waiting
from clasio_backend.accounts.errors import AddressToConfirm, IdentityTaken, LastWayIn, TooManyIdentities
from clasio_backend.accounts.repository import IdentityRepository, SessionRepository, UserRepository
from clasio_backend.accounts.schemas import CodeWanted, IdentityRow, NewSession, ProviderRow, WaysIn
from clasio_backend.accounts.service import confirm_password, has_just_signed_in, open_session
from clasio_backend.accounts.sessions import tell_ended
from clasio_backend.accounts.telling import tell
from clasio_backend.activity.actions import Action
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import UserScope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.integrations.oidc import Provider, Told, list_providers, name_of_issuer
from clasio_backend.models import Identity, User

MAX_IDENTITIES = 10


def read_ways_in(person: UserScope) -> WaysIn:
    """How the caller can sign in, and what else could be connected."""
    is_fresh = has_just_signed_in(person)
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get(person.user_id)
        if user is None:
            raise NotFound("account")
        identities = tuple(_row(identity) for identity in uow.repository(IdentityRepository).list_own())
        return WaysIn(user.password_hash is not None, is_fresh, identities, providers())


def providers() -> tuple[ProviderRow, ...]:
    """Those that are set up, for everybody."""
    return tuple(ProviderRow(provider.slug, provider.name) for provider in list_providers())


def sign_in(
    told: Told, provider: Provider, *, ip_address: str, user_agent: str, request_id: str
) -> NewSession | CodeWanted | None:
    """Opens a session of the person whose this is, or asks for their code; None when it is nobody's."""
    found = gateway.find_identity(told.issuer, told.subject)
    if found is None:
        return None
    with unit_of_work(UserScope(found.user_id, request_id)) as uow:
        user = uow.repository(UserRepository).get_for_update(found.user_id)
        if not user.is_active or not note_use(uow, found.identity_id, told):  # since it was found
            return None
        user.last_seen_at = now()
        return open_session(uow, user.id, ip_address=ip_address, user_agent=user_agent, provider=provider.slug)


def note_use(uow: UnitOfWork, identity_id: UUID, told: Told) -> bool:
    """False when it was disconnected since."""
    return uow.repository(IdentityRepository).touch(identity_id, told.email, now())


def new_identity(user_id: UUID, told: Told) -> Identity:
    return Identity(user_id=user_id, issuer=told.issuer, subject=told.subject, email=told.email, last_used_at=now())


def connect(person: UserScope, told: Told, *, ip_address: str) -> None:
    """For somebody who is signed in, and was asked for their password before they went to the provider.

    An address that nobody has confirmed lets in only the account that has the same one: else somebody could make an
    account with another's address, and would keep a way into it when that one comes and resets the password. Raises
    `AddressToConfirm`, `IdentityTaken` or `TooManyIdentities`.
    """
    found = gateway.find_identity(told.issuer, told.subject)
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get_for_update(person.user_id)
        if found is not None and found.user_id != user.id:
            raise IdentityTaken
        if found is not None and note_use(uow, found.identity_id, told):
            return
        if user.email_verified_at is None and not _is_same(user, told.email):
            raise AddressToConfirm
        _connect(uow, user, told, ip_address)


def connect_waiting(person: UserScope, waiting: Waiting, *, ip_address: str) -> bool:
    """For somebody who has just signed in with the password, in the browser that came back from the provider before.

    False when it is not for this account.
    """
    if gateway.find_identity(waiting.issuer, waiting.subject) is not None:
        return False
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get_for_update(person.user_id)
        if not _is_same(user, waiting.email):
            return False
        _connect(uow, user, Told(waiting.issuer, waiting.subject, waiting.email, user.name), ip_address)
        return True


def disconnect(person: UserScope, identity_id: UUID, password: str) -> None:
    """Signs the person in no more, and ends the other sessions that it has opened.

    Raises `NotFound`, `WrongPassword`, `NoPassword`, `TooManyRequests` or `LastWayIn`.
    """
    with unit_of_work(person) as uow:
        _find(uow, identity_id)
    confirm_password(person, password)
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get_for_update(person.user_id)
        gone = _find(uow, identity_id)
        set_up = {provider.issuer: provider.slug for provider in list_providers()}
        left = {each.issuer for each in uow.repository(IdentityRepository).list_own() if each.id != gone.id}
        if user.password_hash is None and not left & set_up.keys():
            raise LastWayIn
        uow.repository(IdentityRepository).remove(gone.id)
        if gone.issuer in set_up:
            sessions = uow.repository(SessionRepository)
            tell_ended(uow, sessions.remove_of_provider(set_up[gone.issuer], but=person.session_id))
        name = name_of_issuer(gone.issuer)
        tell(uow, user, Action.IDENTITY_DISCONNECTED, "identity_disconnected", provider=name)


def is_own(person: UserScope, told: Told) -> bool:
    """Whether the caller is the one who came back."""
    found = gateway.find_identity(told.issuer, told.subject)
    return found is not None and found.user_id == person.user_id


def _find(uow: UnitOfWork, identity_id: UUID) -> Identity:
    own = uow.repository(IdentityRepository).list_own()
    found = next((identity for identity in own if identity.id == identity_id), None)
    if found is None:
        raise NotFound("connected account")
    return found


def _connect(uow: UnitOfWork, user: User, told: Told, ip_address: str) -> None:
    identities = uow.repository(IdentityRepository)
    if len(identities.list_own()) >= MAX_IDENTITIES:
        raise TooManyIdentities
    identities.add(new_identity(user.id, told))
    if user.email_verified_at is None and _is_same(user, told.email):
        user.email_verified_at = now()
    uow.flush()
    name = name_of_issuer(told.issuer)
    tell(uow, user, Action.IDENTITY_CONNECTED, "identity_connected", ip_address=ip_address, provider=name)


def _is_same(user: User, email: str | None) -> bool:
    return email is not None and user.email.lower() == email.lower()


def _row(identity: Identity) -> IdentityRow:
    known = next((provider for provider in list_providers() if provider.issuer == identity.issuer), None)
    return IdentityRow(
        id=identity.id,
        slug=known.slug if known else "",
        provider=name_of_issuer(identity.issuer),
        email=identity.email,
        created_at=identity.created_at,
        last_used_at=identity.last_used_at,
    )
