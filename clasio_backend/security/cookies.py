"""The session cookie, the one between password and code, and those of a way to a provider and back.

HttpOnly, SameSite=Lax (providers and Stripe lead back by a link), `__Host-` wherever it can be.
Browsers take `__Host-` cookies only with `Secure`, so plain http on this machine uses the plain name.
"""

from http.cookies import CookieError, SimpleCookie
from typing import Any

from clasio_backend.core.config import Settings

PLAIN_NAME = "clasio_session"
PENDING_NAME = "clasio_sign_in"
ATTEMPT_NAME = "clasio_provider_"
WAITING_NAME = "clasio_connect"
_STATE_PART = 12


def cookie_name(settings: Settings) -> str:
    return _full_name(PLAIN_NAME, settings)


def pending_cookie_name(settings: Settings) -> str:
    """Of the cookie that somebody has who gave the password and not the code yet."""
    return _full_name(PENDING_NAME, settings)


def attempt_cookie_name(state: str, settings: Settings) -> str:
    """Of the cookie of one way to a provider: each has its own, so that two tabs are not in each other's way."""
    return _full_name(f"{ATTEMPT_NAME}{state[:_STATE_PART]}", settings)


def attempt_cookie_names(cookie_header: str | None, settings: Settings) -> list[str]:
    """Those that this browser has."""
    return [name for name in _parsed(cookie_header) if name.startswith(_full_name(ATTEMPT_NAME, settings))]


def waiting_cookie_name(settings: Settings) -> str:
    """Of the cookie that remembers which account elsewhere is to be connected when the password was right."""
    return _full_name(WAITING_NAME, settings)


def cookie_options(settings: Settings) -> dict[str, Any]:
    """Arguments for Starlette's `set_cookie` and `delete_cookie`."""
    return {"httponly": True, "samesite": "lax", "path": "/", "secure": settings.secure_cookies}


def session_token(cookie_header: str | None, settings: Settings) -> str | None:
    """The session token in a `Cookie` header."""
    return _value(cookie_header, cookie_name(settings))


def pending_token(cookie_header: str | None, settings: Settings) -> str | None:
    """The token of a sign-in that waits for a code."""
    return _value(cookie_header, pending_cookie_name(settings))


def cookie_value(cookie_header: str | None, name: str) -> str | None:
    """Any other's."""
    return _value(cookie_header, name)


def _full_name(plain_name: str, settings: Settings) -> str:
    return f"__Host-{plain_name}" if settings.secure_cookies else plain_name


def _value(cookie_header: str | None, name: str) -> str | None:
    morsel = _parsed(cookie_header).get(name)
    return morsel.value if morsel else None


def _parsed(cookie_header: str | None) -> "SimpleCookie":
    try:
        return SimpleCookie(cookie_header or "")
    except CookieError:
        return SimpleCookie()
