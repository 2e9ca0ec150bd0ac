"""The e-mail address of the person behind the session. An API token has no business with it."""

from fastapi import APIRouter, Response

from clasio_backend.accounts import addresses
from clasio_backend.accounts.schemas import AddressChange, OwnAddress
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import CallingBrowser

router = APIRouter(prefix="/email-address", tags=["e-mail address"])


@router.get("", responses=problems())
def get_address(browser: CallingBrowser) -> OwnAddress:
    """The caller's address, and since when it is confirmed."""
    return addresses.read_address(browser.person)


@router.post("", status_code=202, responses=problems(429), response_class=Response)
def change_address(browser: CallingBrowser, wanted: AddressChange) -> None:
    """Mails a link to the new address; nothing changes before it is opened. Who has an address already is not told."""
    addresses.request_change(browser.person, wanted.email, wanted.password.get_secret_value())


@router.post("/confirmation", status_code=202, responses=problems(429), response_class=Response)
def request_confirmation(browser: CallingBrowser) -> None:
    """Mails a link that confirms the address."""
    addresses.request_confirmation(browser.person)
