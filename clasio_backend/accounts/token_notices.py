"""A script that stops working in the night is no way to learn that its token has ended: its owner is told before."""

from contextlib import suppress
from datetime import timedelta

from clasio_backend.accounts.repository import ApiTokenRepository, UserRepository
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import system_scope
from clasio_backend.core.unit_of_work import UnitOfWork, unit_of_work
from clasio_backend.mail.service import queue_mail
from clasio_backend.models import ApiToken

TELL_BEFORE = timedelta(days=7)
TELL_LIMIT = 500


def tell_token_owners() -> None:
    """Tells each owner once, by mail, that a token ends within a week. A crash in between tells nobody twice."""
    for found in gateway.tokens_ending(TELL_BEFORE, TELL_LIMIT):
        # It may have gone with its owner's account since it was found.
        with suppress(NotFound), unit_of_work(system_scope(found.organization_id, "token notice")) as uow:
            token = uow.repository(ApiTokenRepository).get_for_update(found.token_id)
            if token.told_at is None and token.revoked_at is None:
                token.told_at = now()
                _tell(uow, token)


def _tell(uow: UnitOfWork, token: ApiToken) -> None:
    owner = uow.repository(UserRepository).get(token.user_id)
    # Who chose a week or less knows it.
    if owner is None or token.expires_at is None or token.expires_at - token.created_at <= TELL_BEFORE:
        return
    queue_mail(
        uow,
        owner.email,
        "token_ending",
        token=token.name,
        hint=token.hint,
        until=f"{token.expires_at:%d %B %Y, %H:%M} UTC",
        link=f"{get_settings().base_url}/settings#tokens",
    )
