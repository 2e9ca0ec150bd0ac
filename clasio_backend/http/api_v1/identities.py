"""Accounts elsewhere that sign the person behind the session in. Connecting one leads through a browser, so that is no
part of the API; and an API token has no business with any of it.
"""

from uuid import UUID

from fastapi import APIRouter, Response

from clasio_backend.accounts import identities
from clasio_backend.accounts.schemas import Confirmation, WaysIn
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import CallingBrowser

router = APIRouter(prefix="/identities", tags=["identities"])


@router.get("", responses=problems())
def get_ways_in(browser: CallingBrowser) -> WaysIn:
    """How the caller can sign in: with a password, through which accounts elsewhere, and what could be connected."""
    return identities.read_ways_in(browser.person)


@router.post("/{identity_id}/disconnect", status_code=204, responses=problems(404, 409, 429), response_class=Response)
def disconnect(browser: CallingBrowser, identity_id: UUID, wanted: Confirmation) -> None:
    """It signs the caller in no more; other sessions that it has opened end."""
    identities.disconnect(browser.person, identity_id, wanted.password.get_secret_value())
