"""Sign-in through a provider: to it by a form, and back from it by an address (decision 0022).

The way back is a page load, so whatever goes wrong there ends on a page of ours, with a code that the page knows in
words. A provider's own words are never among them.
"""

import logging
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from clasio_backend.accounts import identities, sessions
from clasio_backend.accounts.attempts import (
    LIFETIME,
    Attempt,
    Begun,
    Purpose,
    Returned,
    begin,
    keep_waiting,
    open_attempt,
    told_by,
)
from clasio_backend.accounts.errors import AccountExists, OtherIdentity, SignInOver
from clasio_backend.accounts.schemas import Browser, NewSession
from clasio_backend.accounts.service import confirm_password
from clasio_backend.activity.service import record_security_event
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ClasioError, NotFound, NotSignedIn
from clasio_backend.core.scope import NoScope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.http.auth import HOME, SETTINGS, SIGN_IN, let_in, note_sign_in
from clasio_backend.http.callers import client_address, current_browser
from clasio_backend.http.forms import Password, browser, go, refused
from clasio_backend.integrations.oidc import Provider, Told, find_provider
from clasio_backend.organizations.entering import enter, enter_by_invite
from clasio_backend.security import rate_limit, rates
from clasio_backend.security.cookies import (
    attempt_cookie_name,
    attempt_cookie_names,
    cookie_options,
    cookie_value,
    waiting_cookie_name,
)

log = logging.getLogger("clasio.http")
router = APIRouter(prefix="/auth/provider/{slug}", include_in_schema=False)
CONNECTED_PART = "connected"
MOST_AT_ONCE = 5


@router.post("/sign-in")
def begin_sign_in(request: Request, slug: str, token: Annotated[str, Form(max_length=200)] = "") -> Response:
    """`token` is that of an invite's link."""
    back_to = f"/invite?{urlencode({'token': token})}" if token else SIGN_IN
    return _set_out(request, slug, "sign_in", back_to, invite=token)


@router.post("/again")
def begin_again(request: Request, slug: str) -> Response:
    """For somebody without a password, who is asked who they are."""
    return _set_out(request, slug, "again", SETTINGS, signed_in=current_browser(request))


@router.post("/connect")
def begin_connecting(request: Request, slug: str, password: Password = "") -> Response:
    signed_in = current_browser(request)
    try:
        _provider(slug)
        confirm_password(signed_in.person, password)
    except ClasioError as error:
        return refused(request, error, back_to=SETTINGS)
    return _set_out(request, slug, "connect", SETTINGS, signed_in=signed_in)


@router.get("/callback")
def come_back(  # noqa: PLR0913, PLR0917  # what a provider may answer
    request: Request,
    slug: str,
    state: str = "",
    code: str = "",
    iss: str | None = None,
    error: str = "",
) -> Response:
    """Takes whatever stands in the address: it is a page for people, also when somebody else made it up."""
    settings = get_settings()
    name = attempt_cookie_name(state, settings)
    sealed = cookie_value(request.headers.get("cookie"), name)
    try:
        rate_limit.take(rates.provider(client_address(request)))
        provider = _provider(slug)
        attempt = open_attempt(provider, state, sealed)
    except ClasioError as fault:
        return _without_attempt(request, slug, fault)
    try:
        told = told_by(provider, attempt, Returned(state, code, iss, error))
        response = _arrive(request, provider, attempt, told)
    except AccountExists as fault:
        response = _fail(request, slug, attempt, fault)
        response.set_cookie(
            waiting_cookie_name(settings),
            keep_waiting(provider, told),
            max_age=int(LIFETIME.total_seconds()),
            **cookie_options(settings),
        )
    except ClasioError as fault:
        response = _fail(request, slug, attempt, fault)
    response.delete_cookie(name, **cookie_options(settings))
    return response


def _set_out(  # noqa: PLR0913  # what the way back has to know
    request: Request,
    slug: str,
    purpose: Purpose,
    back_to: str,
    *,
    invite: str = "",
    signed_in: Browser | None = None,
) -> Response:
    try:
        provider = _provider(slug)
        rate_limit.take(rates.provider(client_address(request)))
        session_id = signed_in.session_id if signed_in else None
        begun = begin(provider, purpose, invite=invite, session_id=session_id)
    except ClasioError as error:
        _log(slug, error)
        return refused(request, error, back_to=back_to)
    return _with_attempt(request, begun)


def _with_attempt(request: Request, begun: Begun) -> Response:
    """Whoever has begun often and never come back begins anew: a browser sends all its cookies each time."""
    settings = get_settings()
    response = go(request, begun.address)
    had = attempt_cookie_names(request.headers.get("cookie"), settings)
    for name in had if len(had) >= MOST_AT_ONCE else ():
        response.delete_cookie(name, **cookie_options(settings))
    response.set_cookie(
        attempt_cookie_name(begun.state, settings),
        begun.sealed,
        max_age=int(LIFETIME.total_seconds()),
        **cookie_options(settings),
    )
    return response


def _arrive(request: Request, provider: Provider, attempt: Attempt, told: Told) -> Response:
    if attempt.purpose == "connect":
        signed_in = _the_same_browser(request, attempt)
        identities.connect(signed_in.person, told, ip_address=client_address(request))
        return RedirectResponse(f"{SETTINGS}?{urlencode({'provider': CONNECTED_PART})}", status_code=303)
    former = _former_session(request)
    if attempt.purpose == "again" and not identities.is_own(_the_same_browser(request, attempt).person, told):
        raise OtherIdentity
    about = browser(request) | {"request_id": request.state.request_id}
    if attempt.invite:
        opened = enter_by_invite(told, provider, attempt.invite, **about)
    else:
        opened = enter(told, provider, **about)
    if former is not None and isinstance(opened, NewSession):  # what this browser had before ends
        with suppress(NotFound), unit_of_work(former.person) as uow:
            sessions.end_session(uow, former.session_id)
    note_sign_in(opened)
    return let_in(request, opened, to=SETTINGS if attempt.purpose == "again" else HOME)


def _former_session(request: Request) -> Browser | None:
    try:
        return current_browser(request)
    except NotSignedIn:
        return None


def _the_same_browser(request: Request, attempt: Attempt) -> Browser:
    """Signed in as it was when it set out; raises `SignInOver`."""
    signed_in = _former_session(request)
    if signed_in is None or signed_in.session_id != attempt.session_id:
        raise SignInOver
    return signed_in


def _provider(slug: str) -> Provider:
    provider = find_provider(slug)
    if provider is None:
        raise NotFound
    return provider


def _without_attempt(request: Request, slug: str, fault: ClasioError) -> Response:
    """Somebody who is signed in has come back a second time, mostly by the browser's own button: nothing happens."""
    _log(slug, fault)
    if _former_session(request) is not None:
        return RedirectResponse(HOME, status_code=303)
    return refused_in_words(SIGN_IN, fault)


def _fail(request: Request, slug: str, attempt: Attempt, fault: ClasioError) -> Response:
    _log(slug, fault)
    with unit_of_work(NoScope(request.state.request_id)) as uow:
        record_security_event(
            uow, "provider_sign_in_failed", ip_address=client_address(request), provider=slug, reason=fault.code
        )
    if attempt.purpose != "sign_in":
        return RedirectResponse(f"{SETTINGS}?{urlencode({'provider': fault.code})}", status_code=303)
    if attempt.invite:
        return refused_in_words(f"/invite?{urlencode({'token': attempt.invite})}", fault)
    return refused_in_words(SIGN_IN, fault)


def refused_in_words(back_to: str, fault: ClasioError) -> Response:
    """To a page that says it: an answer that is a page load never is a problem document."""
    joiner = "&" if "?" in back_to else "?"
    return RedirectResponse(f"{back_to}{joiner}{urlencode({'error': fault.code})}", status_code=303)


def _log(slug: str, fault: ClasioError) -> None:
    """`cause` is a word of ours. What stood in the address, which anybody can write, is no part of it."""
    provider = find_provider(slug)
    known = provider.slug if provider else "unknown"
    cause = getattr(fault, "cause", "")
    log.warning("provider_sign_in_failed", extra={"provider": known, "code": fault.code, "cause": cause})
