"""The session cookie, and the one between password and code: HttpOnly, SameSite=Lax (OAuth and Stripe come back by a
link), `__Host-` wherever it can be.

Browsers take `__Host-` cookies only with `Secure`, so plain http on this machine uses the plain name.
"""

from http.cookies import CookieError, SimpleCookie
from typing import Any

from clasio_backend.core.config import Settings

PLAIN_NAME = "clasio_session"
PENDING_NAME = "clasio_sign_in"


def cookie_name(settings: Settings) -> str:
    return _full_name(PLAIN_NAME, settings)


def pending_cookie_name(settings: Settings) -> str:
    """Of the cookie that somebody has who gave the password and not the code yet."""
    return _full_name(PENDING_NAME, settings)


def cookie_options(settings: Settings) -> dict[str, Any]:
    """Arguments for Starlette's `set_cookie` and `delete_cookie`."""
    return {"httponly": True, "samesite": "lax", "path": "/", "secure": settings.secure_cookies}


def session_token(cookie_header: str | None, settings: Settings) -> str | None:
    """The session token in a `Cookie` header."""
    return _value(cookie_header, cookie_name(settings))


def pending_token(cookie_header: str | None, settings: Settings) -> str | None:
    """The token of a sign-in that waits for a code."""
    return _value(cookie_header, pending_cookie_name(settings))


def _full_name(plain_name: str, settings: Settings) -> str:
    return f"__Host-{plain_name}" if settings.secure_cookies else plain_name


def _value(cookie_header: str | None, name: str) -> str | None:
    try:
        morsel = SimpleCookie(cookie_header or "").get(name)
    except CookieError:
        return None
    return morsel.value if morsel else None
