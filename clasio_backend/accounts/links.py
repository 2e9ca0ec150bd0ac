"""Links that work once, for people who cannot sign in (yet) and for addresses to confirm. Only hashes are stored."""

from datetime import timedelta
from typing import Literal

from clasio_backend.accounts.repository import UserRepository
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.scope import NoScope
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.models import OneTimeLink
from clasio_backend.security.tokens import hash_token, new_token

Purpose = Literal["setup", "set_password", "reset_password", "confirm_email"]
PAGES: dict[Purpose, str] = {
    "setup": "/setup",
    "set_password": "/set-password",
    "reset_password": "/reset-password",
    "confirm_email": "/confirm-email",
}
LIFETIMES: dict[Purpose, timedelta] = {
    "setup": timedelta(days=7),
    "set_password": timedelta(days=7),
    "reset_password": timedelta(hours=1),
    "confirm_email": timedelta(days=1),
}


def new_link(uow: UnitOfWork, purpose: Purpose, email: str | None = None) -> str:
    """The address of a page that works once, for the person in the scope; `email` is where the link goes to."""
    scope = uow.any_scope
    token = new_token()
    uow.repository(UserRepository).add_link(
        OneTimeLink(
            token_hash=hash_token(token),
            purpose=purpose,
            user_id=None if isinstance(scope, NoScope) else scope.user_id,
            email=email,
            created_at=now(),
            expires_at=now() + LIFETIMES[purpose],
        )
    )
    return f"{get_settings().base_url}{PAGES[purpose]}?token={token}"
