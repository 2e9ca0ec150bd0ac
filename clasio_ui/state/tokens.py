"""One's own API tokens on the settings page: what each may do, until when, and new ones."""

from dataclasses import dataclass

import reflex as rx
from pydantic import ValidationError

from clasio_backend.accounts.schemas import NewToken, TokenRow
from clasio_backend.accounts.service import create_api_token, list_api_tokens, revoke_api_token
from clasio_backend.core.scope import TokenScope
from clasio_ui import bridge
from clasio_ui.state.rows import days_left, in_days, iso
from clasio_ui.state.screen import Screen

SCOPES = {
    TokenScope.EVERYTHING: "Everything that you may do",
    TokenScope.READ: "Read only",
    TokenScope.ADD: "Add documents only",
}
NO_END = ""
BAD = {
    "name": "Give the token a name, such as the program that uses it.",
    "scope": "Choose what the token may do.",
    "expires_in_days": "Choose when the token ends.",
}


@dataclass(frozen=True)
class TokenItem:
    """`may` and `until` are words: "Read only", "Ends in 30 days"."""

    id: str
    name: str
    hint: str
    may: str
    until: str
    is_expired: bool
    created_at: str
    last_used_at: str


def token_item(row: TokenRow) -> TokenItem:
    return TokenItem(
        id=str(row.id),
        name=row.name,
        hint=row.hint,
        may=SCOPES[row.scope],
        until=_until(row),
        is_expired=row.is_expired,
        created_at=iso(row.created_at),
        last_used_at=iso(row.last_used_at),
    )


def _until(row: TokenRow) -> str:
    if row.expires_at is None:
        return "No end"
    return "Expired" if row.is_expired else in_days("Ends", days_left(row.expires_at))


class TokensState(Screen, rx.State):
    """A new token is in state only while the page shows it; `is_making` is while the dialog for one is open."""

    tokens: list[TokenItem] = []
    is_making: bool = False
    error_field: str = ""
    form_error: str = ""
    """What is wrong with the field that was refused."""
    new_token: str = ""

    @rx.event
    async def load(self):
        self.new_token, self.is_making, self.error_field, self.form_error = "", False, "", ""
        await self._refresh()

    async def _fetch(self) -> None:
        self.tokens = [token_item(row) for row in await bridge.call(self, list_api_tokens)]

    @rx.event
    def ask(self):
        """Opens the dialog for a new token."""
        self.is_making, self.error_field, self.form_error = True, "", ""

    @rx.event
    def close(self):
        self.is_making = False

    @rx.event
    async def create_token(self, form: dict[str, str]):
        """Makes a token, whose text the page shows once; what was typed stays when it is refused."""
        try:
            wanted = NewToken.model_validate(
                {
                    "name": form.get("name", ""),
                    "scope": form.get("scope", TokenScope.EVERYTHING),
                    "expires_in_days": form.get("expires_in_days", NO_END) or None,
                }
            )
        except ValidationError as error:
            self.error_field = str(error.errors()[0]["loc"][0])
            self.form_error = BAD[self.error_field]
            return
        created = await bridge.call(self, create_api_token, wanted)
        self.is_making, self.error_field, self.form_error = False, "", ""
        self.new_token = created.token
        await self._refresh()

    @rx.event
    def forget_token(self):
        self.new_token = ""

    @rx.event
    async def revoke_token(self, token_id: str):
        await bridge.call(self, revoke_api_token, bridge.row_id(token_id))
        await self._refresh()
