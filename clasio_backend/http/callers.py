"""Who calls: a bearer token or the session cookie becomes a `Scope`."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from clasio_backend.accounts.authorize import (
    authorize_browser,
    authorize_person,
    authorize_session,
    authorize_token,
    authorize_way_out,
)
from clasio_backend.accounts.errors import OtherOrganization
from clasio_backend.accounts.schemas import Browser, SignedIn
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import NotFound, NotSignedIn
from clasio_backend.core.scope import Scope, UserScope
from clasio_backend.http.api_limits import count_call
from clasio_backend.ops.access import Operator, authorize_operator, authorize_operator_token
from clasio_backend.security import rate_limit, rates
from clasio_backend.security.cookies import session_token
from clasio_backend.security.tokens import looks_like_operator_token


def client_address(request: HTTPConnection) -> str:
    """The caller's address, believing only as many proxies as TRUSTED_PROXY_HOPS says."""
    hops = get_settings().trusted_proxy_hops
    lines = request.headers.getlist("x-forwarded-for")  # some proxies add to the caller's line, some add another
    forwarded = [part.strip() for part in ",".join(lines).split(",") if part.strip()]
    if hops and len(forwarded) >= hops:
        return forwarded[-hops]
    return request.client.host if request.client else ""


def bearer_token(headers: Headers) -> str | None:
    """The token that a script sends. A password for a proxy in front, which a browser sends by itself, is none."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def current_scope(request: Request) -> Scope:
    """The scope of an API call, which is counted; raises `OtherOrganization` where the caller says which one is meant,
    and is not there, or `TooManyRequests`.

    The header chooses nothing: it keeps a page's files out of the organization that another tab has switched to.
    """
    scope = _counted(request)
    meant = request.headers.get("clasio-organization")
    if meant is not None and meant != str(scope.organization_id):
        raise OtherOrganization
    request.state.organization_id = scope.organization_id
    return scope


def _counted(request: Request) -> Scope:
    """By token what the plan allows, by cookie what no person does by hand."""
    token = bearer_token(request.headers)
    if token is not None:
        call = authorize_token(token, request_id=request.state.request_id)
        count_call(request, call)
        return call.scope
    person = signed_in(request)
    rate_limit.take((rates.BROWSER_REQUESTS.of(str(person.user.id)),))
    return person.scope


def signed_in(request: Request) -> SignedIn:
    """The person behind the session cookie; raises `NotSignedIn`."""
    token = session_token(request.headers.get("cookie"), get_settings())
    found = authorize_session(token, request_id=request.state.request_id)
    request.state.organization_id = found.scope.organization_id
    return found


def on_the_way_out(request: Request) -> SignedIn:
    """The same for leaving: whatever the organization requires; raises `NotSignedIn`."""
    token = session_token(request.headers.get("cookie"), get_settings())
    return authorize_way_out(token, request_id=request.state.request_id)


def current_person(request: Request) -> UserScope:
    """Who calls, for what belongs to the person alone: also somebody without an organization."""
    if request.headers.get("authorization"):
        scope = current_scope(request)
        scope.require_whole()
        if scope.user_id is None:
            raise NotSignedIn
        return UserScope(scope.user_id, scope.request_id)
    token = session_token(request.headers.get("cookie"), get_settings())
    return authorize_person(token, request_id=request.state.request_id)


def current_browser(request: Request) -> Browser:
    """The same for what is done in a browser alone: an API token is not enough."""
    if bearer_token(request.headers) is not None:
        raise NotSignedIn
    token = session_token(request.headers.get("cookie"), get_settings())
    return authorize_browser(token, request_id=request.state.request_id)


def current_operator(request: Request) -> Operator:
    """Who runs the instance: by operator token or by session; to everybody else who is signed in it is not there."""
    request_id = request.state.request_id
    token = bearer_token(request.headers)
    if token is None:
        return authorize_operator(session_token(request.headers.get("cookie"), get_settings()), request_id=request_id)
    if looks_like_operator_token(token):
        operator = authorize_operator_token(token, request_id=request_id)
        rate_limit.take((rates.OPERATOR_REQUESTS.of(str(operator.token_id)),))
        return operator
    authorize_token(token, request_id=request_id)
    raise NotFound


CallingSession = Annotated[SignedIn, Depends(signed_in)]
Caller = Annotated[Scope, Depends(current_scope)]
CallingPerson = Annotated[UserScope, Depends(current_person)]
CallingBrowser = Annotated[Browser, Depends(current_browser)]
CallingOperator = Annotated[Operator, Depends(current_operator)]
