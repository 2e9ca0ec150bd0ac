"""Sign-in, sign-out, set-up and the organization switch: plain HTTP, because only HTTP can set an HttpOnly cookie.

A page that asks for JSON gets a problem document it can show beside its fields; a plain form gets a redirect.
"""

from contextlib import suppress
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import ValidationError

from clasio_backend.accounts import second_factor, service, sessions
from clasio_backend.accounts.attempts import read_waiting
from clasio_backend.accounts.authorize import SESSION_LIFETIME, authorize_way_out
from clasio_backend.accounts.errors import NoOrganization, SignInAgain
from clasio_backend.accounts.identities import connect_waiting
from clasio_backend.accounts.schemas import CodeWanted, NewSession, SetUp
from clasio_backend.accounts.service import PENDING_LIFETIME
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ClasioError, NotSignedIn
from clasio_backend.core.scope import UserScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.callers import client_address, current_browser, on_the_way_out, signed_in
from clasio_backend.http.forms import Email, OneTimeToken, Password, browser, go, refused
from clasio_backend.http.problems import invalid
from clasio_backend.organizations import invites, setup
from clasio_backend.organizations.schemas import InviteAnswer
from clasio_backend.security.cookies import (
    cookie_name,
    cookie_options,
    cookie_value,
    pending_cookie_name,
    pending_token,
    waiting_cookie_name,
)

router = APIRouter(prefix="/auth", include_in_schema=False)
HOME = "/"
SIGN_IN = "/sign-in"
SIGN_IN_CODE = "/sign-in/code"
SETTINGS = "/settings"


@router.post("/sign-in")
def sign_in(request: Request, email: Email, password: Password) -> Response:
    try:
        session = service.sign_in(
            email.strip(),
            password,
            ip_address=client_address(request),
            user_agent=request.headers.get("user-agent", ""),
            request_id=request.state.request_id,
        )
    except ClasioError as error:
        return refused(request, error, back_to=SIGN_IN)
    note_sign_in(session)
    return let_in(request, session)


@router.post("/sign-in/code")
def sign_in_code(request: Request, code: Annotated[str, Form(max_length=100)]) -> Response:
    """The second step of a sign-in, known by the cookie that the first one gave."""
    token = pending_token(request.headers.get("cookie"), get_settings())
    try:
        session = second_factor.finish_sign_in(token, code, **browser(request), request_id=request.state.request_id)
    except SignInAgain as error:
        return refused(request, error, back_to=SIGN_IN)
    except ClasioError as error:
        return refused(request, error, back_to=SIGN_IN_CODE)
    note_sign_in(session)
    response = let_in(request, session)
    response.delete_cookie(pending_cookie_name(get_settings()), **cookie_options(get_settings()))
    return response


def note_sign_in(opened: NewSession | CodeWanted) -> None:
    """Writes it into the activity, once the code was given where one is wanted."""
    if isinstance(opened, NewSession):
        with suppress(NoOrganization):  # nothing to write it into
            service.note_sign_in(authorize_way_out(opened.token))


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    response = go(request, SIGN_IN)
    response.delete_cookie(cookie_name(get_settings()), **cookie_options(get_settings()))
    with suppress(NotSignedIn):  # a session that has ended already needs no end
        _end_session(request)
    return response


def _end_session(request: Request) -> None:
    try:
        service.sign_out(on_the_way_out(request))
    except NoOrganization:  # nothing to write it into
        browser = current_browser(request)
        with unit_of_work(browser.person) as uow:
            sessions.end_session(uow, browser.session_id)


@router.post("/setup")
def set_up(  # noqa: PLR0913, PLR0917  # the form's fields
    request: Request,
    token: OneTimeToken,
    organization_name: Annotated[str, Form()],
    name: Annotated[str, Form()],
    email: Email,
    password: Password,
) -> Response:
    back_to = f"/setup?{urlencode({'token': token})}"
    try:
        wanted = SetUp(organization_name=organization_name, name=name, email=email, password=password)
        session = setup.set_up(token, wanted, **browser(request))
    except ValidationError as error:
        return refused(request, invalid(list(error.errors())), back_to=back_to)
    except ClasioError as error:
        return refused(request, error, back_to=back_to)
    return let_in(request, session)


@router.post("/set-password")
def set_password(request: Request, token: OneTimeToken, password: Password) -> Response:
    try:
        session = setup.set_password(token, password, **browser(request))
    except ClasioError as error:
        return refused(request, error, back_to=f"/set-password?{urlencode({'token': token})}")
    return let_in(request, session)


@router.post("/change-password")
def change_password(request: Request, password: Password, current_password: Password = "") -> Response:
    """Every session ends; this browser gets a new one. Whoever has no password yet sends none."""
    try:
        session = sessions.change_password(signed_in(request), current_password, password, **browser(request))
    except ClasioError as error:
        return refused(request, error, back_to=SETTINGS)
    return _with_cookie(go(request, SETTINGS), session)


@router.post("/accept-invite")
def accept_invite(
    request: Request, token: OneTimeToken, password: Password, name: Annotated[str, Form()] = ""
) -> Response:
    """Joins with a new account, or with the one of the invited address."""
    back_to = f"/invite?{urlencode({'token': token})}"
    try:
        answer = InviteAnswer(name=name or None, password=password)
        session = invites.accept_invite(token, answer, **browser(request), request_id=request.state.request_id)
    except ValidationError as error:
        return refused(request, invalid(list(error.errors())), back_to=back_to)
    except ClasioError as error:
        return refused(request, error, back_to=back_to)
    return let_in(request, session)


@router.post("/join")
def join(request: Request, token: OneTimeToken) -> Response:
    """Joins with the account that is signed in already."""
    try:
        invites.join_as(signed_in(request), token)
    except ClasioError as error:
        return refused(request, error, back_to=f"/invite?{urlencode({'token': token})}")
    return go(request, HOME)


@router.post("/switch")
def switch(request: Request, organization_id: Annotated[UUID, Form()]) -> Response:
    try:
        person = on_the_way_out(request)
    except NotSignedIn as error:
        return refused(request, error, back_to=SIGN_IN)
    service.switch_organization(person, organization_id)
    return go(request, HOME)


def let_in(request: Request, opened: NewSession | CodeWanted, *, to: str = HOME) -> Response:
    """Home, or to the page that asks for the code: every way in ends here.

    Whoever came back from a provider before and was asked for the password has shown it now: the two are connected.
    """
    settings = get_settings()
    if isinstance(opened, NewSession):
        response = _with_cookie(go(request, to), opened)
        _connect_waiting(request, response, opened)
        return response
    response = go(request, SIGN_IN_CODE)
    response.set_cookie(
        pending_cookie_name(settings),
        opened.token,
        max_age=int(PENDING_LIFETIME.total_seconds()),
        **cookie_options(settings),
    )
    return response


def _connect_waiting(request: Request, response: Response, session: NewSession) -> None:
    name = waiting_cookie_name(get_settings())
    sealed = cookie_value(request.headers.get("cookie"), name)
    if sealed is None:
        return
    response.delete_cookie(name, **cookie_options(get_settings()))
    waiting = read_waiting(sealed)
    if waiting is not None:
        person = UserScope(session.user_id, request.state.request_id, session.session_id)
        with suppress(ClasioError):  # somebody else has connected it meanwhile: they are signed in all the same
            connect_waiting(person, waiting, ip_address=client_address(request))


def _with_cookie(response: Response, session: NewSession) -> Response:
    settings = get_settings()
    response.set_cookie(
        cookie_name(settings),
        session.token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        **cookie_options(settings),
    )
    return response
