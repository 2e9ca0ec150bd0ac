"""Settings: what owners decide for the organization."""

import reflex as rx
from pydantic import ValidationError

from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.organizations.errors import OwnFactorFirst
from clasio_backend.organizations.schemas import OrganizationChange, OrganizationSettings
from clasio_backend.organizations.settings import change_settings, read_settings
from clasio_ui import bridge
from clasio_ui.state.frame import FrameState
from clasio_ui.state.screen import Screen

BAD_SETTING = {
    "name": "Give the organization a name of one line, 200 characters at most.",
    "max_share_days": "A share lasts 1 to 90 days.",
}


class SettingsState(Screen, rx.State):
    may_manage: bool = False
    name: str = ""
    analysis_mode: str = ""
    local_only: str = ""
    max_share_days: str = ""
    requires_second_factor: str = ""
    setting_error: str = ""
    error_field: str = ""
    """The setting that was refused."""

    @rx.event
    async def load(self):
        self.setting_error, self.error_field = "", ""
        await self._refresh()

    async def _fetch(self) -> None:
        settings, self.may_manage = await bridge.call(self, _settings)
        self.name, self.analysis_mode = settings.name, settings.analysis_mode
        self.local_only = "true" if settings.local_only else "false"
        self.max_share_days = str(settings.max_share_days)
        self.requires_second_factor = "true" if settings.requires_second_factor else "false"

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


def _settings(uow: UnitOfWork) -> tuple[OrganizationSettings, bool]:
    return read_settings(uow), uow.scope.may(Permission.MANAGE_ORGANIZATION)
