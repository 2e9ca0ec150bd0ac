"""What happened to an account is told in three places: security events, the activity, and a mail."""

from typing import Any

from clasio_backend.accounts.authorize import scope_of_member
from clasio_backend.accounts.repository import IdentityRepository, UserRepository
from clasio_backend.activity.actions import Action
from clasio_backend.activity.service import record, record_security_event
from clasio_backend.core.config import get_settings
from clasio_backend.core.scope import NoScope, Role, Scope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.integrations.oidc import name_of_issuer
from clasio_backend.mail.service import queue_mail
from clasio_backend.models import User


def tell(uow: UnitOfWork, user: User, action: Action, template: str, *, ip_address: str = "", **details: Any) -> None:
    """Into the security events, the activity of each organization of the person in the scope, and a mail."""
    record_security_event(uow, action.partition(".")[2], user_id=user.id, ip_address=ip_address, **details)
    person = uow.any_scope
    for scope in _scopes(uow):
        uow.enter(scope)
        record(uow, action, "user", user.id, **details)
    uow.enter(person)
    values = {name: str(value) for name, value in details.items()}
    mail_person(uow, user.email, template, link=f"{get_settings().base_url}/settings", **values)


def connected_accounts(uow: UnitOfWork) -> str:
    """The names of providers that sign the person in, for a mail; empty when none does."""
    identities = uow.repository(IdentityRepository).list_own()
    return ", ".join(sorted({name_of_issuer(identity.issuer) for identity in identities}))


def mail_person(uow: UnitOfWork, to_address: str, template: str, **values: str) -> bool:
    """A mail by way of the person's first organization, since messages belong to one; False for who is in none."""
    person, scopes = uow.any_scope, _scopes(uow)
    if not scopes:
        return False
    uow.enter(scopes[0])
    queue_mail(uow, to_address, template, **values)
    uow.enter(person)
    return True


def _scopes(uow: UnitOfWork) -> list[Scope]:
    """One for each organization of the person in the scope."""
    person = uow.any_scope
    if isinstance(person, NoScope) or person.user_id is None:
        return []
    return [
        scope_of_member(choice[0], person.user_id, Role(choice[2]), person.request_id)
        for choice in uow.repository(UserRepository).memberships()
    ]
