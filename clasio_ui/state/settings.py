"""Settings: what owners decide for the organization, and one's own API tokens."""

from dataclasses import dataclass

import reflex as rx
from pydantic import ValidationError

from clasio_backend.accounts.schemas import NewToken, TokenRow
from clasio_backend.accounts.service import create_api_token, list_api_tokens, revoke_api_token
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.organizations.errors import OwnFactorFirst
from clasio_backend.organizations.schemas import OrganizationChange, OrganizationSettings
from clasio_backend.organizations.settings import change_settings, read_settings
from clasio_ui import bridge
from clasio_ui.state.frame import FrameState
from clasio_ui.state.rows import iso
from clasio_ui.state.screen import Screen

BAD_SETTING = {
    "name": "Give the organization a name of one line, 200 characters at most.",
    "max_share_days": "A share lasts 1 to 90 days.",
}


@dataclass(frozen=True)
class TokenItem:
    id: str
    name: str
    hint: str
    created_at: str
    last_used_at: str


def token_item(row: TokenRow) -> TokenItem:
    return TokenItem(str(row.id), row.name, row.hint, iso(row.created_at), iso(row.last_used_at))


class SettingsState(Screen, rx.State):
    """A new token is in state only while the page shows it."""

    may_manage: bool = False
    name: str = ""
    analysis_mode: str = ""
    local_only: str = ""
    max_share_days: str = ""
    requires_second_factor: str = ""
    setting_error: str = ""
    error_field: str = ""
    """The setting that was refused."""
    tokens: list[TokenItem] = []
    token_error: str = ""
    new_token: str = ""

    @rx.event
    async def load(self):
        self.new_token, self.setting_error, self.error_field, self.token_error = "", "", "", ""
        await self._refresh()

    async def _fetch(self) -> None:
        settings, tokens, self.may_manage = await bridge.call(self, _settings)
        self.name, self.analysis_mode = settings.name, settings.analysis_mode
        self.local_only = "true" if settings.local_only else "false"
        self.max_share_days = str(settings.max_share_days)
        self.requires_second_factor = "true" if settings.requires_second_factor else "false"
        self.tokens = [token_item(row) for row in tokens]

    @rx.event
    async def save(self, form: dict[str, str]):
        """Saves the organization's settings; what was typed stays when it is refused."""
        try:
            wanted = {name: form[name].strip() for name in OrganizationChange.model_fields if name in form}
            change = OrganizationChange.model_validate(wanted)
        except ValidationError as error:
            self.error_field = str(error.errors()[0]["loc"][0])
            self.setting_error = BAD_SETTING.get(self.error_field, "Choose one of the settings.")
            return
        try:
            await bridge.call(self, change_settings, change)
        except OwnFactorFirst as error:
            self.error_field, self.setting_error = "requires_second_factor", error.message
            return
        self.setting_error, self.error_field = "", ""
        frame = await self.get_state(FrameState)
        frame._add_notice("The settings are saved.", "good")  # noqa: SLF001  # states of one user interface
        await self._refresh()
        yield FrameState.load

    @rx.event
    async def create_token(self, form: dict[str, str]):
        """Makes a token, whose text the page shows once."""
        try:
            wanted = NewToken.model_validate({"name": form.get("name", "")})
        except ValidationError:
            self.token_error = "Give the token a name, such as the program that uses it."  # noqa: S105  # a sentence
            return
        created = await bridge.call(self, create_api_token, wanted)
        self.token_error, self.new_token = "", created.token
        await self._refresh()

    @rx.event
    def forget_token(self):
        self.new_token = ""

    @rx.event
    async def revoke_token(self, token_id: str):
        await bridge.call(self, revoke_api_token, bridge.row_id(token_id))
        await self._refresh()


def _settings(uow: UnitOfWork) -> tuple[OrganizationSettings, list[TokenRow], bool]:
    return read_settings(uow), list_api_tokens(uow), uow.scope.may(Permission.MANAGE_ORGANIZATION)
