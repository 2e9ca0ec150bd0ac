"""Security headers on every answer: a strict content security policy (CSP) with hashes, and the rest of OWASP's list.

The built pages hold a few inline scripts and styles, a little different from page to page. Their hashes go into the
policy, so that neither `unsafe-inline` nor `unsafe-eval` is needed and nothing that is injected runs.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from starlette.datastructures import URL, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1\s*>", re.DOTALL | re.IGNORECASE)
_HAS_SOURCE = re.compile(r"\bsrc\s*=", re.IGNORECASE)
_ONE_YEAR = 31_536_000
_PRIVATE_PREFIXES = ("/api/", "/auth/", "/s/", "/hooks/")
_STATIC_PREFIX = "/assets/"  # the build puts a hash of the content into these names
_FEATURES = (
    "accelerometer browsing-topics camera display-capture geolocation gyroscope hid magnetometer microphone midi "
    "payment publickey-credentials-create serial usb xr-spatial-tracking"
)

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES.split()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}


def inline_hashes(pages: Path) -> tuple[list[str], list[str]]:
    """CSP sources (`'sha256-…'`) of every inline script and every inline style in the HTML files below `pages`."""
    found: dict[str, set[str]] = {"script": set(), "style": set()}
    for page in pages.rglob("*.html"):
        for kind, attributes, text in _INLINE.findall(page.read_text(encoding="utf-8")):
            if not _HAS_SOURCE.search(attributes):
                digest = hashlib.sha256(text.encode()).digest()
                found[kind.lower()].add(f"'sha256-{base64.b64encode(digest).decode()}'")
    return sorted(found["script"]), sorted(found["style"])


def content_security_policy(pages: Path, *, https: bool) -> str:
    """The policy for a build: own origin only, inline code by hash only, never framed."""
    scripts, styles = inline_hashes(pages)
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *scripts],
        "style-src": ["'self'", *styles],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    policy = [f"{name} {' '.join(sources)}" for name, sources in directives.items()]
    return "; ".join([*policy, "upgrade-insecure-requests"] if https else policy)


class SecurityHeadersMiddleware:
    """Sets the headers on every answer of `app`; a stricter one that the answer brings along stays."""

    def __init__(self, app: ASGIApp, *, policy: str, https: bool) -> None:
        self.app = app
        self._headers = [*_FIXED.items(), *_transport(https=https)]
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers:
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", self._policy)
                headers.setdefault("Cache-Control", _caching(scope["path"], message["status"]))
                if "location" in headers:
                    headers["location"] = _without_origin(headers["location"], scope)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _transport(*, https: bool) -> Iterable[tuple[str, str]]:
    return [("Strict-Transport-Security", f"max-age={_ONE_YEAR}")] if https else []


def _without_origin(location: str, scope: Scope) -> str:
    """A redirect to ourselves as a path: scheme and host are what a proxy makes of them, or a caller writes."""
    here, there = URL(scope=scope), URL(location)
    if not there.netloc or (there.scheme, there.netloc) != (here.scheme, here.netloc):
        return location
    return str(
        there.replace(scheme="", netloc="", path="/" + there.path.lstrip("/\\"))
    )  # a second slash would begin a host


def _caching(path: str, status: int) -> str:
    """Private answers are stored nowhere, hashed files for good; pages are asked for again each time."""
    if path.startswith(_PRIVATE_PREFIXES):
        return "no-store"
    if path.startswith(_STATIC_PREFIX) and status in {200, 206, 304}:
        return f"public, max-age={_ONE_YEAR}, immutable"
    return "no-cache"
