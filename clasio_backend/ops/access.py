"""Who runs the instance: a person with the operator's flag, or an operator token. Neither opens any organization.

An `Operator` is made here and by the command line only; every function of Ops asks for one.
"""

from dataclasses import dataclass
from uuid import UUID

from clasio_backend.accounts.authorize import authorize_person
from clasio_backend.accounts.repository import UserRepository
from clasio_backend.activity.service import record_security_event
from clasio_backend.core.errors import NotFound, NotSignedIn
from clasio_backend.core.scope import NoScope, new_request_id
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.ops.repository import OperatorTokenRepository
from clasio_backend.security.tokens import hash_token, looks_like_operator_token

_BAD_TOKEN = "The operator token is missing, unknown or revoked. Send it as: Authorization: Bearer <token>."  # noqa: S105  # a sentence


@dataclass(frozen=True, slots=True)
class Operator:
    """A person, a token, or with neither the command line."""

    user_id: UUID | None
    token_id: UUID | None
    request_id: str


def authorize_operator(session: str | None, *, request_id: str | None = None) -> Operator:
    """The operator behind a session cookie; raises `NotSignedIn`, and `NotFound` for everybody else."""
    person = authorize_person(session, request_id=request_id)
    with unit_of_work(person) as uow:
        user = uow.repository(UserRepository).get(person.user_id)
    if user is None or not user.is_active or not user.is_operator:
        raise NotFound
    return Operator(user.id, None, person.request_id)


def authorize_operator_token(token: str, *, request_id: str) -> Operator:
    """The operator behind a token; raises `NotSignedIn`."""
    if not looks_like_operator_token(token):
        raise NotSignedIn(_BAD_TOKEN)
    with unit_of_work(NoScope(request_id)) as uow:
        token_id = uow.repository(OperatorTokenRepository).find(hash_token(token))
    if token_id is None:
        raise NotSignedIn(_BAD_TOKEN)
    return Operator(None, token_id, request_id)


def command_line() -> Operator:
    """Whoever can run commands on this machine."""
    return Operator(None, None, new_request_id())


def note(uow: UnitOfWork, operator: Operator, kind: str, **details: str) -> None:
    """Writes down what an operator does, in the transaction that does it."""
    by = {} if operator.token_id is None else {"by_token": str(operator.token_id)}
    record_security_event(uow, kind, user_id=operator.user_id, **by, **details)
