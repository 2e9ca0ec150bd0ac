"""Operator tokens: for scripts that watch and run the instance. They open the Ops API, and no organization."""

from uuid import UUID

from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import NoScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.models import OperatorToken
from clasio_backend.ops.access import Operator, note
from clasio_backend.ops.repository import OperatorTokenRepository
from clasio_backend.ops.schemas import OperatorTokenRow
from clasio_backend.security.tokens import hash_token, new_operator_token

MAX_TOKENS = 100


def create_operator_token(operator: Operator) -> str:
    """A new token; its text is shown once."""
    token = new_operator_token()
    row = OperatorToken(token_hash=hash_token(token), hint=token[-6:])
    with unit_of_work(NoScope(operator.request_id)) as uow:
        uow.repository(OperatorTokenRepository).add(row)
        note(uow, operator, "operator_token_created", token_id=str(row.id))
    return token


def list_operator_tokens(operator: Operator) -> list[OperatorTokenRow]:
    """Those that work, the latest first."""
    with unit_of_work(NoScope(operator.request_id)) as uow:
        return [OperatorTokenRow(*row) for row in uow.repository(OperatorTokenRepository).list_living(MAX_TOKENS)]


def revoke_operator_token(operator: Operator, token_id: UUID) -> None:
    """Ends a token at once; raises `NotFound`."""
    with unit_of_work(NoScope(operator.request_id)) as uow:
        if not uow.repository(OperatorTokenRepository).revoke(token_id):
            raise NotFound("token")
        note(uow, operator, "operator_token_revoked", token_id=str(token_id))
