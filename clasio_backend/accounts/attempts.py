"""The way to a provider and back. What must be the same at both ends is sealed into a cookie of the browser that began,
and the `state` in the address opens only that one; it comes back once.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from clasio_backend.accounts.errors import SignInDeclined, SignInOver
from clasio_backend.core import gateway
from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ClasioError
from clasio_backend.integrations.oidc import Provider, Told, authorization_address, check_issuer, redeem
from clasio_backend.security.encryption import seal, unseal
from clasio_backend.security.tokens import hash_token, new_token

LIFETIME = timedelta(minutes=10)
Purpose = Literal["sign_in", "again", "connect"]
_SEALED_FOR = "provider_attempts"
_STATE = re.compile(r"[\w-]{43}", re.ASCII)
_WAITING = "waiting"
MAX_CODE = 4_000
S = TypeVar("S", bound=BaseModel)


class Attempt(BaseModel):
    """`invite` is the token of the invite's link that somebody came by; `session_id` whose browser it is, where the
    person was signed in.
    """

    model_config = ConfigDict(frozen=True)

    purpose: Purpose
    nonce: str
    verifier: str
    until: AwareDatetime
    invite: str
    session_id: UUID | None


class Waiting(BaseModel):
    """An account elsewhere whose address somebody has here: to be connected when that one's password was right."""

    model_config = ConfigDict(frozen=True)

    slug: str
    issuer: str
    subject: str
    email: str
    until: AwareDatetime


@dataclass(frozen=True, slots=True)
class Begun:
    """`sealed` goes into the cookie of `state`, and the browser to `address`."""

    state: str
    sealed: str
    address: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brings back. `error` is the provider's, when it did not sign the person in."""

    state: str
    code: str
    issuer: str | None
    error: str


def begin(provider: Provider, purpose: Purpose, *, invite: str = "", session_id: UUID | None = None) -> Begun:
    """Raises `ProviderAway` or `ProviderNotTrusted`."""
    state, nonce, verifier = new_token(), new_token(), new_token()
    address = authorization_address(
        provider,
        state=state,
        nonce=nonce,
        verifier=verifier,
        redirect_uri=_redirect_uri(provider),
        anew=purpose == "again",
    )
    attempt = Attempt(
        purpose=purpose,
        nonce=nonce,
        verifier=verifier,
        until=now() + LIFETIME,
        invite=invite,
        session_id=session_id,
    )
    return Begun(state, _to_text(attempt, f"{provider.slug} {state}"), address)


def open_attempt(provider: Provider, state: str, sealed: str | None) -> Attempt:
    """What was sealed for this `state`, which is used up by it. Raises `SignInOver`."""
    if not _STATE.fullmatch(state):
        raise SignInOver
    attempt = _from_text(Attempt, sealed, f"{provider.slug} {state}")
    if attempt is None or attempt.until <= now() or not gateway.spend_state(hash_token(state), attempt.until):
        raise SignInOver
    return attempt


def told_by(provider: Provider, attempt: Attempt, returned: Returned) -> Told:
    """Who came back. Raises `SignInDeclined`, `ProviderAway` or `ProviderNotTrusted`."""
    check_issuer(provider, returned.issuer)
    if returned.error or not 0 < len(returned.code) <= MAX_CODE:
        raise SignInDeclined
    return redeem(
        provider,
        code=returned.code,
        verifier=attempt.verifier,
        nonce=attempt.nonce,
        redirect_uri=_redirect_uri(provider),
        anew=attempt.purpose == "again",
    )


def keep_waiting(provider: Provider, told: Told) -> str:
    """For a cookie of the browser that came back."""
    waiting = Waiting(
        slug=provider.slug, issuer=told.issuer, subject=told.subject, email=told.email or "", until=now() + LIFETIME
    )
    return _to_text(waiting, _WAITING)


def read_waiting(sealed: str | None) -> Waiting | None:
    waiting = _from_text(Waiting, sealed, _WAITING)
    return waiting if waiting is not None and waiting.until > now() else None


def _redirect_uri(provider: Provider) -> str:
    """Of the setting, never of what a caller says our host is."""
    return f"{get_settings().base_url}/auth/provider/{provider.slug}/callback"


def _to_text(model: BaseModel, belongs_to: str) -> str:
    sealed = seal(model.model_dump_json().encode(), purpose=_SEALED_FOR, belongs_to=belongs_to)
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def _from_text(kind: type[S], text: str | None, belongs_to: str) -> S | None:
    """None for whatever was not sealed here, for this."""
    try:
        sealed = urlsafe_b64decode((text or "") + "===")
        return kind.model_validate_json(unseal(sealed, purpose=_SEALED_FOR, belongs_to=belongs_to))
    except (ClasioError, ValueError):
        return None
