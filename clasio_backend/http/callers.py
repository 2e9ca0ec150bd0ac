"""Who calls: a bearer token or the session cookie becomes a `Scope`."""

from typing import Annotated

from fastapi import Depends, Request

from clasio_backend.accounts.authorize import authorize_session, authorize_token
from clasio_backend.accounts.schemas import SignedIn
from clasio_backend.core.config import get_settings
from clasio_backend.core.scope import Scope
from clasio_backend.security.cookies import session_token


def client_address(request: Request) -> str:
    """The caller's address, believing only as many proxies as TRUSTED_PROXY_HOPS says."""
    hops = get_settings().trusted_proxy_hops
    forwarded = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
    if hops and len(forwarded) >= hops:
        return forwarded[-hops]
    return request.client.host if request.client else ""


def current_scope(request: Request) -> Scope:
    """The scope of an API call."""
    request_id = request.state.request_id
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind:
        scope = authorize_token(token.strip() if kind.lower() == "bearer" else None, request_id=request_id)
    else:
        scope = signed_in(request).scope
    request.state.organization_id = scope.organization_id
    return scope


def signed_in(request: Request) -> SignedIn:
    """The person behind the session cookie; raises `NotSignedIn`."""
    token = session_token(request.headers.get("cookie"), get_settings())
    found = authorize_session(token, request_id=request.state.request_id)
    request.state.organization_id = found.scope.organization_id
    return found


Caller = Annotated[Scope, Depends(current_scope)]
