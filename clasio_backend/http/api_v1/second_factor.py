"""Two-factor sign-in of the person behind the session: set up, turned off, and its recovery codes. An API token has no
business with it.
"""

from fastapi import APIRouter, Response

from clasio_backend.accounts import second_factor
from clasio_backend.accounts.schemas import (
    Confirmation,
    ConfirmedCode,
    RecoveryCodes,
    SecondFactorRow,
    SetUpSecret,
    TypedCode,
)
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import CallingBrowser

router = APIRouter(prefix="/second-factor", tags=["second factor"])


@router.get("", responses=problems())
def get_second_factor(browser: CallingBrowser) -> SecondFactorRow:
    """Whether a code is asked for at sign-in, and how many recovery codes are left."""
    return second_factor.read_second_factor(browser.person)


@router.post("/set-up", status_code=201, responses=problems(409, 429))
def begin_set_up(browser: CallingBrowser, wanted: Confirmation) -> SetUpSecret:
    """A secret for the authenticator app, in this answer and nowhere else. Nothing changes before it is confirmed."""
    return second_factor.begin_set_up(browser.person, wanted.password.get_secret_value())


@router.post("/confirm", responses=problems(409, 429))
def confirm_set_up(browser: CallingBrowser, wanted: TypedCode) -> RecoveryCodes:
    """Turns it on with a code of the app, and signs out every other browser."""
    return second_factor.confirm_set_up(browser, wanted.code)


@router.post("/recovery-codes", responses=problems(409, 429))
def renew_recovery_codes(browser: CallingBrowser, wanted: ConfirmedCode) -> RecoveryCodes:
    """Ten new recovery codes in place of the former ones."""
    return second_factor.renew_recovery_codes(browser.person, wanted.password.get_secret_value(), wanted.code)


@router.post("/turn-off", status_code=204, responses=problems(409, 429), response_class=Response)
def turn_off(browser: CallingBrowser, wanted: ConfirmedCode) -> None:
    """Asks for the password alone from now on."""
    second_factor.turn_off(browser.person, wanted.password.get_secret_value(), wanted.code)
