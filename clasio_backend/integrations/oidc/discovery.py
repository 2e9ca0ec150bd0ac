"""What a provider says of itself (OpenID Connect Discovery 1.0), and its keys: fetched when first wanted, then kept.

Each process keeps its own, of at most two providers. While a provider is away it is asked again every few seconds only.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from clasio_backend.core.config import is_loopback
from clasio_backend.integrations.oidc.faults import ProviderAway, ProviderNotTrusted
from clasio_backend.integrations.oidc.providers import Provider
from clasio_backend.integrations.oidc.wire import WAITING_SECONDS, BadAnswer, get_json

KEPT_SECONDS = 3_600.0
PAUSE_SECONDS = 5.0
"""Between two questions to a provider that is away, and between two looks for a key that is not there."""
MAX_KEYS = 50


@dataclass(frozen=True, slots=True)
class Discovered:
    """`says_issuer` is whether its answers in the browser name it (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    takes_basic: bool
    says_issuer: bool


class _Kept:
    """The last answer, or the last failure, of one kind of question to one provider."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.value: Any = None
        self.fault: BadAnswer | None = None
        self.asked_at = float("-inf")

    def get(self, ask: Callable[[], Any], *, anew: bool) -> Any:
        """The kept answer while it is young enough. With `anew` a few seconds are old."""
        if not self.lock.acquire(timeout=WAITING_SECONDS):  # another thread is asking, and gets no answer
            raise BadAnswer("busy")
        try:
            age = time.monotonic() - self.asked_at
            if age > (PAUSE_SECONDS if anew or self.fault else KEPT_SECONDS):
                self.asked_at = time.monotonic()
                try:
                    self.value, self.fault = ask(), None
                except BadAnswer as fault:
                    self.fault = fault
            if self.fault is not None:
                raise BadAnswer(self.fault.cause, self.fault.status)
            return self.value
        finally:
            self.lock.release()


_kept: dict[tuple[str, str], _Kept] = {}


def forget() -> None:
    """Asks everything anew."""
    _kept.clear()


def discover(provider: Provider) -> Discovered:
    """Raises `ProviderAway` or `ProviderNotTrusted`."""
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    found: Discovered = _ask(provider, "discovery", lambda: _described(provider, get_json(address)))
    return found


def keys_of(provider: Provider, *, anew: bool = False) -> KeySet:
    """The keys that it signs with; with `anew` also those that it has had for a moment. Raises as `discover` does."""
    address = discover(provider).jwks_uri
    found: KeySet = _ask(provider, "keys", lambda: _keys(get_json(address)), anew=anew)
    return found


def look_at(provider: Provider) -> str:
    """In one word why nobody could sign in through it now; empty when all is well."""
    try:
        keys_of(provider)
    except (ProviderAway, ProviderNotTrusted) as fault:
        return fault.cause
    return ""


def _ask(provider: Provider, what: str, ask: Callable[[], Any], *, anew: bool = False) -> Any:
    try:
        return _kept.setdefault((provider.issuer, what), _Kept()).get(ask, anew=anew)
    except BadAnswer as fault:
        error = ProviderAway if fault.is_away else ProviderNotTrusted
        raise error(provider.name, f"{what}_{fault.cause}") from fault


def _described(provider: Provider, found: dict[str, Any]) -> Discovered:
    if found.get("issuer") != provider.issuer:
        raise BadAnswer("other_issuer", 200)
    methods = found.get("token_endpoint_auth_methods_supported")
    userinfo = found.get("userinfo_endpoint")
    return Discovered(
        authorization_endpoint=_address(provider, found.get("authorization_endpoint")),
        token_endpoint=_address(provider, found.get("token_endpoint")),
        jwks_uri=_address(provider, found.get("jwks_uri")),
        userinfo_endpoint=_address(provider, userinfo) if userinfo else None,
        takes_basic=not isinstance(methods, list) or "client_secret_basic" in methods,
        says_issuer=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(provider: Provider, value: object) -> str:
    """An address that we send people or secrets to: https, or loopback where the provider itself is there."""
    if not isinstance(value, str):
        raise BadAnswer("no_endpoint", 200)
    try:
        parts = urlsplit(value)
        is_safe = parts.scheme == "https" or (
            parts.scheme == "http" and is_loopback(value) and is_loopback(provider.issuer)
        )
        if not is_safe or not parts.hostname or "@" in parts.netloc or not value.isprintable():
            raise BadAnswer("bad_endpoint", 200)
    except ValueError as error:
        raise BadAnswer("bad_endpoint", 200) from error
    return value


def _keys(found: dict[str, Any]) -> KeySet:
    """Keys for signatures; those of kinds that are not known are left out, and so is a shared secret."""
    listed = found.get("keys")
    if not isinstance(listed, list):
        raise BadAnswer("no_keys", 200)
    usable = [
        key
        for key in listed[:MAX_KEYS]
        if isinstance(key, dict) and key.get("kty") in {"RSA", "EC"} and key.get("use", "sig") == "sig"
    ]
    try:
        return KeySet.import_key_set({"keys": usable})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise BadAnswer("bad_keys", 200) from error
