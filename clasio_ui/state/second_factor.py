"""Two-factor sign-in on the settings page: turned on in three steps, its recovery codes, and turned off."""

from collections.abc import Iterator
from contextlib import contextmanager

import reflex as rx
from pydantic import ValidationError

from clasio_backend.accounts import second_factor
from clasio_backend.accounts.codes import RECOVERY_CODES, picture
from clasio_backend.accounts.errors import SetUpOver, WrongCode
from clasio_backend.accounts.schemas import Confirmation, ConfirmedCode, TypedCode
from clasio_backend.core.errors import ClasioError, NotSignedIn
from clasio_ui import bridge
from clasio_ui.state.frame import FrameState
from clasio_ui.state.rows import OrganizationItem, iso
from clasio_ui.state.screen import Screen

FEW = 3


class SecondFactorState(Screen, rx.State):
    """Secret and recovery codes are here only while the dialog shows them. A password never is."""

    is_on: bool = False
    since: str = ""
    codes_left: int = 0
    asking: str = ""
    """What the open dialog asks for: `password`, `code`, `off` or `renew`; `codes` shows them; else nothing."""
    secret: str = ""
    picture: str = ""
    codes: list[str] = []
    requiring: str = ""
    """The organizations that require it, by name; for the page that somebody without it is led to."""
    others: list[OrganizationItem] = []
    password_error: str = ""
    code_error: str = ""

    @rx.var
    def left_in_words(self) -> str:
        return f"{self.codes_left} of {RECOVERY_CODES} recovery codes are left."

    @rx.var
    def has_few(self) -> bool:
        return self.codes_left <= FEW

    async def _fetch(self) -> None:
        self._forget()
        row = await bridge.as_person(self, second_factor.read_second_factor)
        self.is_on, self.since, self.codes_left = row.is_on, iso(row.since), row.recovery_codes_left

    def _forget(self) -> None:
        self.asking, self.secret, self.picture, self.codes = "", "", "", []
        self.password_error, self.code_error = "", ""

    @rx.event
    async def load_demand(self):
        """For the page of somebody who cannot enter without it: begins with the first step.

        Each part of a page that is closed to them sends them here, so they may be at the second step already.
        """
        demand = await bridge.as_person(self, second_factor.read_demand)
        self.requiring = ", ".join(choice.name for choice in demand.requiring)
        self.others = [OrganizationItem(str(choice.id), choice.name, is_current=False) for choice in demand.others]
        if self.asking != "code" or demand.is_on:
            await self._refresh()
            self.asking = "" if demand.is_on else "password"

    @rx.event
    def ask_to_turn_on(self):
        """Opens the dialog at its first step."""
        self._forget()
        self.asking = "password"

    @rx.event
    def ask_to_turn_off(self):
        self._forget()
        self.asking = "off"

    @rx.event
    def ask_for_new_codes(self):
        self._forget()
        self.asking = "renew"

    @rx.event
    async def close(self):
        """Also after the recovery codes were shown: they are forgotten."""
        await self._refresh()

    @rx.event
    async def begin(self, form: dict[str, str]):
        """The first step: the password. Shows what the app has to know."""
        with _errors(self):
            wanted = Confirmation.model_validate({"password": form.get("password", "")})
            made = await bridge.as_person(self, second_factor.begin_set_up, wanted.password.get_secret_value())
            self._forget()
            self.asking, self.secret, self.picture = "code", made.secret, picture(made.address)

    @rx.event
    async def confirm(self, form: dict[str, str]):
        """The second step: a code of the app. Shows the recovery codes."""
        with _errors(self):
            wanted = TypedCode.model_validate({"code": form.get("code", "")})
            made = await bridge.as_browser(self, second_factor.confirm_set_up, wanted.code)
            await self._show_codes(made.codes)
            yield FrameState.notify("Two-factor sign-in is on. Every other browser is signed out.", "good")

    @rx.event
    async def renew(self, form: dict[str, str]):
        """Makes new recovery codes and shows them."""
        with _errors(self):
            wanted = _confirmed(form)
            password = wanted.password.get_secret_value()
            made = await bridge.as_person(self, second_factor.renew_recovery_codes, password, wanted.code)
            await self._show_codes(made.codes)

    @rx.event
    async def turn_off(self, form: dict[str, str]):
        with _errors(self):
            wanted = _confirmed(form)
            password = wanted.password.get_secret_value()
            await bridge.as_person(self, second_factor.turn_off, password, wanted.code)
            await self._refresh()
            yield FrameState.notify("Two-factor sign-in is off.", "good")

    async def _show_codes(self, codes: tuple[str, ...]) -> None:
        await self._refresh()
        self.asking, self.codes = "codes", list(codes)


@contextmanager
def _errors(state: SecondFactorState) -> Iterator[None]:
    """Puts an expected error at the field that it is about; the dialog stays open."""
    state.password_error, state.code_error = "", ""
    try:
        yield
    except NotSignedIn:
        raise
    except WrongCode as error:
        state.code_error = error.message
    except ValidationError:
        state.code_error = "Type it as the app or your list shows it."
    except SetUpOver as error:
        state.asking, state.password_error = "password", error.message
    except ClasioError as error:
        if state.asking == "code":  # the only field of that step
            state.code_error = error.message
        else:
            state.password_error = error.message


def _confirmed(form: dict[str, str]) -> ConfirmedCode:
    return ConfirmedCode.model_validate({"password": form.get("password", ""), "code": form.get("code", "")})
