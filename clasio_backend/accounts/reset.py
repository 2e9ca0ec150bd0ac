"""A forgotten password: a link by mail, used once, within an hour (OWASP Forgot Password cheat sheet).

Who asks learns nothing: the answer, and the time it takes, are the same for an address that nobody has.
"""

from uuid import UUID

from clasio_backend.accounts.errors import MailedLinkNotFound
from clasio_backend.accounts.links import new_link
from clasio_backend.accounts.repository import PendingSignInRepository, SessionRepository, UserRepository
from clasio_backend.accounts.sessions import tell_ended
from clasio_backend.accounts.telling import connected_accounts, mail_person, tell
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record_security_event
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import UserScope, new_request_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.security import rate_limit, rates
from clasio_backend.security.passwords import check_strength, hash_password
from clasio_backend.security.tokens import hash_token


def count_request(email: str, *, ip_address: str) -> None:
    """Before the answer; raises `TooManyRequests`, for an address that nobody has as well."""
    rate_limit.take(rates.reset(email.lower(), ip_address))


def send_link(email: str, *, ip_address: str, request_id: str) -> None:
    """After the answer: mails a link, if somebody who may sign in has this address."""
    user_id = gateway.find_user(email)
    if user_id is None:
        return
    person = UserScope(user_id, request_id)
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get(user_id)
        if user is None or not user.is_active:
            return
        link = new_link(uow, "reset_password", user.email)
        sent = mail_person(uow, user.email, "reset_password", link=link)
        record_security_event(uow, "password_reset_asked", user_id=user.id, ip_address=ip_address, mailed=sent)


def reset_link(user_id: UUID) -> str:
    """For the operator, who hands it over: where no mail arrives, or to somebody who is in no organization.

    Raises `NotFound`.
    """
    with unit_of_work(UserScope(user_id, new_request_id())) as uow:
        user = uow.repository(UserRepository).get(user_id)
        if user is None or not user.is_active:
            raise NotFound("person")
        record_security_event(uow, "password_reset_asked", user_id=user.id, by="command line")
        return new_link(uow, "reset_password", user.email)


def reset_password(token: str, password: str, *, ip_address: str, request_id: str) -> None:
    """Stores the new password and ends every session. Nobody is signed in by it: a second factor is asked for as ever.

    Raises `MailedLinkNotFound`, `WeakPassword` or `TooManyRequests`; then the link still works.
    """
    rate_limit.take(rates.link(ip_address))
    found = gateway.find_link(hash_token(token), "reset_password")
    if found is None or found.user_id is None:
        raise MailedLinkNotFound
    person = UserScope(found.user_id, request_id)
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get_for_update(found.user_id)
        check_strength(password, personal=(user.name, user.email))
    password_hash = hash_password(password)  # takes long, and the lock below is everybody's
    with unit_of_work(person) as uow:
        # The link before the person, as wherever a link is used: in another order two steps wait for each other.
        link = gateway.lock_link(uow, hash_token(token), "reset_password")
        if link is None:
            raise MailedLinkNotFound
        gateway.use_link(uow, link)
        user = uow.repository(UserRepository).get_for_update(found.user_id)
        user.password_hash, user.password_changed_at = password_hash, now()
        tell_ended(uow, uow.repository(SessionRepository).remove_all())
        uow.repository(PendingSignInRepository).remove_all()
        uow.flush()
        tell(
            uow,
            user,
            Action.PASSWORD_RESET,
            "password_changed",
            ip_address=ip_address,
            connected=connected_accounts(uow),
        )
