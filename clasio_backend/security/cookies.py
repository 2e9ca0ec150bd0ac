"""The session cookie: HttpOnly, SameSite=Lax (OAuth and Stripe come back by a link), `__Host-` wherever it can be.

Browsers take `__Host-` cookies only with `Secure`, so plain http on this machine uses the plain name.
"""

from http.cookies import CookieError, SimpleCookie
from typing import Any

from clasio_backend.core.config import Settings

PLAIN_NAME = "clasio_session"


def cookie_name(settings: Settings) -> str:
    return f"__Host-{PLAIN_NAME}" if settings.secure_cookies else PLAIN_NAME


def cookie_options(settings: Settings) -> dict[str, Any]:
    """Arguments for Starlette's `set_cookie` and `delete_cookie`."""
    return {"httponly": True, "samesite": "lax", "path": "/", "secure": settings.secure_cookies}


def session_token(cookie_header: str | None, settings: Settings) -> str | None:
    """The session token in a `Cookie` header."""
    try:
        morsel = SimpleCookie(cookie_header or "").get(cookie_name(settings))
    except CookieError:
        return None
    return morsel.value if morsel else None
