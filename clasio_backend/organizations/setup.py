"""The first run: a link that works once, the first person (an operator) and the first organization."""

from uuid import UUID

from clasio_backend.accounts.errors import EmailTaken, LinkNotFound
from clasio_backend.accounts.links import new_link
from clasio_backend.accounts.repository import UserRepository
from clasio_backend.accounts.schemas import CodeWanted, NewSession, SetUp
from clasio_backend.accounts.service import open_session
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.ids import new_id
from clasio_backend.core.scope import NoScope, UserScope, new_request_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.models import User
from clasio_backend.organizations.service import found_organization, founding_scope
from clasio_backend.security import rates
from clasio_backend.security.passwords import check_strength, hash_password
from clasio_backend.security.rate_limit import take
from clasio_backend.security.tokens import hash_token


def setup_link() -> str | None:
    """A fresh one-time link to the set-up page; None once somebody exists. It is printed, never stored."""
    if gateway.has_users():
        return None
    with unit_of_work(NoScope()) as uow:
        return new_link(uow, "setup")


def set_password_link(user_id: UUID) -> str:
    """A one-time link with which a person made on the command line chooses a password and signs in."""
    with unit_of_work(UserScope(user_id, new_request_id())) as uow:
        return new_link(uow, "set_password")


def way_in(user_id: UUID) -> str:
    """What a person opens to come in: a fresh link to choose a password while there is none, else the sign-in page."""
    return set_password_link(user_id) if needs_password(user_id) else sign_in_url()


def needs_password(user_id: UUID) -> bool:
    """Whether somebody has not chosen a password yet, so that only a link lets them in."""
    with unit_of_work(UserScope(user_id, new_request_id())) as uow:
        user = uow.repository(UserRepository).get(user_id)
        return user is None or user.password_hash is None


def sign_in_url() -> str:
    return f"{get_settings().base_url}/sign-in"


def set_up(token: str, request: SetUp, *, ip_address: str, user_agent: str) -> NewSession | CodeWanted:
    """Uses the link: first person, first organization, first session, all in one transaction."""
    take(rates.link(ip_address))
    if gateway.find_link(hash_token(token), "setup") is None:
        raise LinkNotFound
    password = request.password.get_secret_value()
    check_strength(password, personal=(request.name, request.email, request.organization_name))
    password_hash = hash_password(password)
    scope = founding_scope(new_id(), new_request_id())
    with unit_of_work(scope) as uow:
        link = gateway.lock_link(uow, hash_token(token), "setup")
        if link is None or scope.user_id is None:
            raise LinkNotFound
        gateway.use_link(uow, link)
        user = User(
            id=scope.user_id,
            email=request.email,
            name=request.name,
            password_hash=password_hash,
            is_operator=True,
            password_changed_at=now(),
        )
        uow.repository(UserRepository).add(user)
        found_organization(uow, request.organization_name)
        return open_session(uow, scope.user_id, ip_address=ip_address, user_agent=user_agent)


def set_password(token: str, password: str, *, ip_address: str, user_agent: str) -> NewSession | CodeWanted:
    """Uses a `set_password` link: stores the password and signs the person in.

    Raises `LinkNotFound`, `WeakPassword` or `TooManyRequests`.
    """
    take(rates.link(ip_address))
    found = gateway.find_link(hash_token(token), "set_password")
    if found is None or found.user_id is None:
        raise LinkNotFound
    person = UserScope(found.user_id, new_request_id())
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get(found.user_id)
        if user is None or user.password_hash is not None:
            raise LinkNotFound
        check_strength(password, personal=(user.name, user.email))
    password_hash = hash_password(password)  # takes long, and the lock below is everybody's
    with unit_of_work(person) as uow:
        link = gateway.lock_link(uow, hash_token(token), "set_password")
        user = uow.repository(UserRepository).get_for_update(found.user_id)
        if link is None or user.password_hash is not None:  # another link was faster
            raise LinkNotFound
        gateway.use_link(uow, link)
        user.password_hash, user.password_changed_at = password_hash, now()
        return open_session(uow, user.id, ip_address=ip_address, user_agent=user_agent)


def create_person(email: str, name: str, *, is_operator: bool = False) -> UUID:
    """A person without a password yet; raises `EmailTaken`."""
    if gateway.find_user(email) is not None:
        raise EmailTaken
    user_id = new_id()
    with unit_of_work(UserScope(user_id, new_request_id())) as uow:
        uow.repository(UserRepository).add(User(id=user_id, email=email, name=name, is_operator=is_operator))
    return user_id
