"""What goes by mail: a link for a forgotten password, and links that confirm an address. Forms, as in `auth`."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.background import BackgroundTask

from clasio_backend.accounts import addresses, reset
from clasio_backend.core.errors import ClasioError
from clasio_backend.http.auth import SIGN_IN
from clasio_backend.http.callers import client_address
from clasio_backend.http.forms import Email, OneTimeToken, Password, go, refused

router = APIRouter(prefix="/auth", include_in_schema=False)
FORGOT = "/forgot-password"
SENT = "/forgot-password/sent"
RESET = "/reset-password"
CONFIRM = "/confirm-email"
CONFIRMED = "/confirm-email/done"


@router.post("/forgot-password")
def forgot_password(request: Request, email: Email) -> Response:
    """The same answer for every address; the link is made after it, so that the time says nothing either."""
    wanted, address = email.strip(), client_address(request)
    try:
        reset.count_request(wanted, ip_address=address)
    except ClasioError as error:
        return refused(request, error, back_to=FORGOT)
    response = go(request, SENT)
    response.background = BackgroundTask(
        reset.send_link, wanted, ip_address=address, request_id=request.state.request_id
    )
    return response


@router.post("/reset-password")
def reset_password(request: Request, token: OneTimeToken, password: Password) -> Response:
    try:
        reset.reset_password(token, password, ip_address=client_address(request), request_id=request.state.request_id)
    except ClasioError as error:
        return refused(request, error, back_to=f"{RESET}?{urlencode({'token': token})}")
    return go(request, SIGN_IN)


@router.post("/confirm-email")
def confirm_email(request: Request, token: OneTimeToken) -> Response:
    try:
        addresses.confirm_email(token, ip_address=client_address(request), request_id=request.state.request_id)
    except ClasioError as error:
        return refused(request, error, back_to=f"{CONFIRM}?{urlencode({'token': token})}")
    return go(request, CONFIRMED)
