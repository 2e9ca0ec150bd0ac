"""Accounts elsewhere that sign one in, on the settings page: seen, connected and disconnected."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import reflex as rx
from pydantic import ValidationError

from clasio_backend.accounts import identities
from clasio_backend.accounts.schemas import Confirmation, IdentityRow
from clasio_backend.core.errors import ClasioError, NotSignedIn
from clasio_ui import bridge
from clasio_ui.state.frame import FrameState
from clasio_ui.state.providers import ProviderItem, provider_item
from clasio_ui.state.rows import iso
from clasio_ui.state.screen import Screen

SENTENCES = {
    "connected": "It is connected: you can sign in with it from now on.",
    "sign_in_over": "This is over: it works once, for ten minutes, in the browser that began it. Try again.",
    "sign_in_declined": "The other service did not sign you in. Try again.",
    "identity_taken": "This is connected to another account of Clasio. Disconnect it there first.",
    "other_identity": "This is not the one that is connected to your account. Choose that one.",
    "address_to_confirm": "Confirm your e-mail address first: it is not the one that the other service knows.",
    "too_many_identities": "Ten accounts are connected, which is the most. Disconnect one first.",
    "provider_away": "The other service does not answer. Try again in a minute.",
    "provider_not_trusted": "The other service's answer could not be trusted. Try again; if it stays, tell the person "
    "who runs Clasio.",
}
"""By what the address says when one comes back."""
FAILED = "This did not work. Try again."


@dataclass(frozen=True)
class IdentityItem:
    id: str
    provider: str
    email: str
    last_used_at: str


def identity_item(row: IdentityRow) -> IdentityItem:
    return IdentityItem(str(row.id), row.provider, row.email or "", iso(row.last_used_at))


class WaysInState(Screen, rx.State):
    """`has_password` decides what dialogs ask for: who has none must have signed in a moment ago (`is_fresh`)."""

    has_password: bool = True
    is_fresh: bool = False
    items: list[IdentityItem] = []
    providers: list[ProviderItem] = []
    again: list[ProviderItem] = []
    """Through whom somebody without a password signs in again."""
    removing: str = ""
    """The one that the open dialog asks about; `connecting` is the address of the form of the other dialog."""
    removing_name: str = ""
    connecting: str = ""
    connecting_name: str = ""
    password_error: str = ""

    @rx.var
    def is_offered(self) -> bool:
        return bool(self.items or self.providers)

    async def _fetch(self) -> None:
        self._close()
        found = await bridge.as_person(self, identities.read_ways_in)
        self.has_password, self.is_fresh = found.has_password, found.is_fresh
        self.items = [identity_item(row) for row in found.identities]
        self.providers = [provider_item(row) for row in found.providers]
        connected = {row.slug for row in found.identities}
        self.again = [] if found.has_password else [item for item in self.providers if item.slug in connected]

    def _close(self) -> None:
        self.removing, self.removing_name, self.password_error = "", "", ""
        self.connecting, self.connecting_name = "", ""

    @rx.event
    async def load_returned(self):
        """The section's load, which also says how it went at the provider."""
        await self._refresh()
        code = self.router.url.query_parameters.get("provider", "")
        if code:
            yield FrameState.notify(SENTENCES.get(code, FAILED), "good" if code == "connected" else "bad")

    @rx.event
    def ask_to_connect(self, slug: str):
        """Opens the dialog that leads to the provider."""
        self._close()
        for item in self.providers:
            if item.slug == slug:
                self.connecting, self.connecting_name = item.connect_path, item.name

    @rx.event
    def ask_to_disconnect(self, identity_id: str):
        self._close()
        for item in self.items:
            if item.id == identity_id:
                self.removing, self.removing_name = item.id, item.provider

    @rx.event
    def close(self):
        self._close()

    @rx.event
    async def disconnect(self, form: dict[str, str]):
        """Takes the way in away that the dialog names."""
        with _errors(self):
            wanted = Confirmation.model_validate({"password": form.get("password", "")})
            identity_id = bridge.row_id(self.removing)
            await bridge.as_person(self, identities.disconnect, identity_id, wanted.password.get_secret_value())
            await self._refresh()
            yield FrameState.notify("It is disconnected: it signs you in no more.", "good")


@contextmanager
def _errors(state: WaysInState) -> Iterator[None]:
    """Puts an expected error at the field of the password; the dialog stays open."""
    state.password_error = ""
    try:
        yield
    except NotSignedIn:
        raise
    except ValidationError:
        state.password_error = "Type your password."  # noqa: S105  # a sentence
    except ClasioError as error:
        state.password_error = error.message
