"""Mails about what ends soon: shares and API tokens."""

from clasio_backend.accounts.token_notices import tell_token_owners
from clasio_backend.sharing.service import tell_sharers


def run() -> None:
    """Each is told once, however often this runs."""
    tell_sharers()
    tell_token_owners()
