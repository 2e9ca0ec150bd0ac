"""One's e-mail address on the settings page: confirmed, and changed by way of a mail."""

from collections.abc import Iterator
from contextlib import contextmanager

import reflex as rx
from pydantic import ValidationError

from clasio_backend.accounts import addresses
from clasio_backend.accounts.errors import NoPassword, WrongPassword
from clasio_backend.accounts.schemas import AddressChange
from clasio_backend.core.errors import ClasioError, NotSignedIn
from clasio_backend.mail.service import can_send
from clasio_ui import bridge
from clasio_ui.state.frame import FrameState
from clasio_ui.state.screen import Screen


class EmailAddressState(Screen, rx.State):
    """`is_changing` is while the dialog is open."""

    address: str = ""
    is_confirmed: bool = False
    is_changing: bool = False
    email_error: str = ""
    password_error: str = ""

    async def _fetch(self) -> None:
        self.is_changing, self.email_error, self.password_error = False, "", ""
        row = await bridge.as_person(self, addresses.read_address)
        self.address, self.is_confirmed = row.email, row.confirmed_at is not None

    @rx.event
    def ask_to_change(self):
        """Opens the dialog."""
        self.is_changing, self.email_error, self.password_error = True, "", ""

    @rx.event
    def close(self):
        self.is_changing = False

    @rx.event
    async def confirm(self):
        """Mails a link to the address that one has."""
        try:
            await bridge.as_person(self, addresses.request_confirmation)
        except NotSignedIn:
            raise
        except ClasioError as error:
            yield FrameState.notify(error.message)
        else:
            yield FrameState.notify(f"{_sent_to(self.address)} It works for a day.", "good")

    @rx.event
    async def change(self, form: dict[str, str]):
        """Mails a link to the new address."""
        with _errors(self):
            values = {name: form.get(name, "") for name in ("email", "password")}
            wanted = AddressChange.model_validate(values)
            password = wanted.password.get_secret_value()
            await bridge.as_person(self, addresses.request_change, wanted.email, password)
            self.is_changing = False
            yield FrameState.notify(f"{_sent_to(wanted.email)} Your address changes when it is opened.", "good")


def _sent_to(address: str) -> str:
    if can_send():
        return f"A link was mailed to {address}."
    return f"This Clasio sends no mail: ask the person who runs it for the link to {address}."


@contextmanager
def _errors(state: EmailAddressState) -> Iterator[None]:
    """Puts an expected error at the field that it is about; the dialog stays open."""
    state.email_error, state.password_error = "", ""
    try:
        yield
    except NotSignedIn:
        raise
    except ValidationError:
        state.email_error = "This is not an e-mail address. Check it."
    except (WrongPassword, NoPassword) as error:
        state.password_error = error.message
    except ClasioError as error:
        state.email_error = error.message
