"""A person's own e-mail address: confirmed by a link that is mailed to it, and changed only that way.

Whoever opens the link proves that they read mail there, so it works without a sign-in: in another browser as well.
"""

from clasio_backend.accounts.errors import MailedLinkNotFound
from clasio_backend.accounts.links import new_link
from clasio_backend.accounts.repository import UserRepository
from clasio_backend.accounts.schemas import OwnAddress
from clasio_backend.accounts.service import confirm_password
from clasio_backend.accounts.telling import mail_person, tell
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record_security_event
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import UserScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.security import rate_limit, rates
from clasio_backend.security.tokens import hash_token


def read_address(person: UserScope) -> OwnAddress:
    """The caller's own, and since when it is confirmed."""
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get(person.user_id)
        if user is None:
            raise NotFound("account")
        return OwnAddress(user.email, user.email_verified_at)


def request_confirmation(person: UserScope) -> None:
    """Mails a link to the address that the person has; raises `TooManyRequests`."""
    _send(person, read_address(person).email)


def request_change(person: UserScope, email: str, password: str) -> None:
    """Mails a link to the new address, and word of it to the former one. Nothing changes before the link is opened.

    An address that somebody else has gets no mail, and the answer is the same: it is nobody's business who is here.
    Raises `WrongPassword` or `TooManyRequests`.
    """
    confirm_password(person, password)
    _send(person, email)


def _send(person: UserScope, email: str) -> None:
    rate_limit.take((rates.CONFIRMATION_MAILS.of(str(person.user_id)),))
    if gateway.find_user(email) not in {None, person.user_id}:
        return
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get_for_update(person.user_id)
        is_new = email.lower() != user.email.lower()
        link = new_link(uow, "confirm_email", email)
        mail_person(uow, email, "confirm_email", link=link)
        if is_new:
            mail_person(uow, user.email, "email_change_asked", new_address=email)
            record_security_event(uow, "email_change_asked", user_id=user.id)


def confirm_email(token: str, *, ip_address: str, request_id: str) -> None:
    """Uses the link: the address is the person's from now on. Raises `MailedLinkNotFound`, `EmailTaken` or
    `TooManyRequests`.
    """
    rate_limit.take(rates.link(ip_address))
    found = gateway.find_link(hash_token(token), "confirm_email")
    if found is None or found.user_id is None:
        raise MailedLinkNotFound
    person = UserScope(found.user_id, request_id)
    with unit_of_work(person) as uow:
        users = uow.repository(UserRepository)
        link = gateway.lock_link(uow, hash_token(token), "confirm_email")
        email = users.link_email(link.link_id) if link else None
        if link is None or email is None:
            raise MailedLinkNotFound
        gateway.use_link(uow, link)
        user = users.get_for_update(found.user_id)
        is_new = user.email.lower() != email.lower()
        if is_new:
            mail_person(uow, user.email, "email_changed", new_address=email)
        user.email, user.email_verified_at = email, now()
        users.add(user)  # raises where somebody else has taken the address since
        action = Action.EMAIL_CHANGED if is_new else Action.EMAIL_CONFIRMED
        tell(uow, user, action, "email_confirmed", ip_address=ip_address)
