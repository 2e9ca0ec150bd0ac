"""The authorization code flow with PKCE (RFC 7636, RFC 9700; OpenID Connect Core 1.0 §3.1), our side of it."""

import hashlib
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwt import JWTClaimsRegistry
from pydantic import EmailStr, TypeAdapter

from clasio_backend.integrations.oidc.discovery import discover, keys_of
from clasio_backend.integrations.oidc.faults import ProviderAway, ProviderNotTrusted
from clasio_backend.integrations.oidc.providers import Provider
from clasio_backend.integrations.oidc.wire import BadAnswer, get_json, post_form

SCOPE = "openid email profile"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Never `none`, and never one whose key both sides know: then our own client's secret could sign."""
LEEWAY_SECONDS = 60
FRESH_SECONDS = 300
"""How long ago somebody may have proved who they are when they were asked to do it again."""
MAX_SUBJECT = 255
MAX_EMAIL = 320
MAX_TOKEN = 20_000
_EMAIL = TypeAdapter(EmailStr)


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider says of the person who came back. `email` is None unless the provider has confirmed it."""

    issuer: str
    subject: str
    email: str | None
    name: str


def authorization_address(  # noqa: PLR0913  # what the flow consists of
    provider: Provider, *, state: str, nonce: str, verifier: str, redirect_uri: str, anew: bool
) -> str:
    """Where the browser goes. With `anew` the person is asked there to prove again who they are.

    Raises `ProviderAway` or `ProviderNotTrusted`.
    """
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if anew and provider.can_ask_again:
        query |= {"prompt": "login", "max_age": "0"}
    elif not provider.can_ask_again:
        query["prompt"] = "select_account"
    address = discover(provider).authorization_endpoint
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"


def check_issuer(provider: Provider, issuer: str | None) -> None:
    """The `iss` of an answer in the browser (RFC 9207): no answer of one provider counts as another's."""
    wanted = discover(provider).says_issuer
    if issuer != provider.issuer and (wanted or issuer is not None):
        raise ProviderNotTrusted(provider.name, "answer_of_other_issuer")


def redeem(  # noqa: PLR0913  # what the flow consists of
    provider: Provider, *, code: str, verifier: str, nonce: str, redirect_uri: str, anew: bool
) -> Told:
    """Trades the code for an ID token and checks that. Raises `ProviderAway` or `ProviderNotTrusted`."""
    try:
        found = _trade(provider, code, verifier, redirect_uri)
        claims = _checked(provider, found.get("id_token"), nonce, anew=anew)
        claims = _with_email(provider, claims, found.get("access_token"))
    except BadAnswer as fault:
        error = ProviderAway if fault.is_away else ProviderNotTrusted
        raise error(provider.name, f"token_{fault.cause}") from fault
    except (JoseError, ValueError, TypeError, RecursionError) as fault:
        raise ProviderNotTrusted(
            provider.name, f"token_{getattr(fault, 'error', '') or type(fault).__name__}"
        ) from fault
    email = _email(claims)
    return Told(provider.issuer, claims["sub"], email, _name(claims, email))


def _trade(provider: Provider, code: str, verifier: str, redirect_uri: str) -> dict[str, Any]:
    known = discover(provider)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    client = (provider.client_id, provider.client_secret.get_secret_value())
    if known.takes_basic:  # RFC 6749 §2.3.1: both parts are encoded as in a form first
        return post_form(known.token_endpoint, form, basic=(quote_plus(client[0]), quote_plus(client[1])))
    return post_form(known.token_endpoint, form | {"client_id": client[0], "client_secret": client[1]})


def _checked(provider: Provider, id_token: object, nonce: str, *, anew: bool) -> dict[str, Any]:
    if not isinstance(id_token, str) or len(id_token) > MAX_TOKEN:
        raise BadAnswer("missing", 200)
    try:
        claims = jwt.decode(id_token, keys_of(provider), algorithms=ALGORITHMS).claims
    except InvalidKeyIdError:  # it has changed its keys since they were fetched
        claims = jwt.decode(id_token, keys_of(provider, anew=True), algorithms=ALGORITHMS).claims
    JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "values": list(provider.writes_as)},
        sub={"essential": True},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    ).validate(claims)
    _check_party(provider, claims)
    if anew:
        _check_time(claims)
    return claims


def _check_party(provider: Provider, claims: dict[str, Any]) -> None:
    """OpenID Connect Core 1.0 §3.1.3.7: a token for several must say for whom it was made, and that is us."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else provider.client_id) != provider.client_id:
        raise BadAnswer("other_party", 200)
    if not 0 < len(claims["sub"]) <= MAX_SUBJECT or not claims["sub"].isprintable():
        raise BadAnswer("bad_subject", 200)


def _check_time(claims: dict[str, Any]) -> None:
    """When the person last proved who they are; a provider that does not say so is believed to have asked."""
    moment = claims.get("auth_time")
    if moment is None:
        return
    if isinstance(moment, bool) or not isinstance(moment, int | float) or not _is_recent(moment):
        raise BadAnswer("not_asked_again", 200)


def _is_recent(moment: float) -> bool:
    return abs(time.time() - moment) <= FRESH_SECONDS


def _with_email(provider: Provider, claims: dict[str, Any], access_token: object) -> dict[str, Any]:
    """Some put nothing but the subject into the token, and the rest is asked for."""
    address = discover(provider).userinfo_endpoint
    if claims.get("email") is not None or address is None or not isinstance(access_token, str):
        return claims
    if len(access_token) > MAX_TOKEN or not access_token.isascii() or not access_token.isprintable():
        raise BadAnswer("bad_access_token", 200)
    more = get_json(address, bearer=access_token)
    if more.get("sub") != claims["sub"]:  # §5.3.2: it may be about somebody else
        raise BadAnswer("other_subject", 200)
    return more | claims


def _email(claims: dict[str, Any]) -> str | None:
    """The address, if the provider has confirmed it and it is one; some write the flag as text."""
    email = claims.get("email")
    is_confirmed = claims.get("email_verified") is True or claims.get("email_verified") == "true"
    if not is_confirmed or not isinstance(email, str) or len(email) > MAX_EMAIL:
        return None
    try:
        return str(_EMAIL.validate_python(email))
    except ValueError:
        return None


def _name(claims: dict[str, Any], email: str | None) -> str:
    """One line of plain text, as people type it; without a name the part of the address before the @."""
    name = claims.get("name")
    words = " ".join("".join(c if c.isprintable() else " " for c in name).split()) if isinstance(name, str) else ""
    return words[:200].strip() or (email or "").partition("@")[0][:200] or "Somebody"
