from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, SecretStr, StringConstraints

from clasio_backend.core.scope import Scope, TokenScope, UserScope


def _plain_line(value: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("must be one line of plain text")
    return value


Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_plain_line)
]
"""A name as people type it: one line, no control characters."""


class SetUp(BaseModel):
    """The first person and the first organization."""

    model_config = ConfigDict(frozen=True)

    organization_name: Line
    name: Line
    email: EmailStr = Field(max_length=320)
    password: SecretStr = Field(max_length=256)


class NewToken(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: Annotated[Line, Field(max_length=100)]
    scope: TokenScope = TokenScope.EVERYTHING
    expires_in_days: int | None = Field(default=None, ge=1, le=3650)
    """None is a token without an end."""


class Confirmation(BaseModel):
    """The password again, of somebody who is signed in."""

    model_config = ConfigDict(frozen=True)

    password: SecretStr = Field(max_length=256)


class TypedCode(BaseModel):
    """Six digits of the app; where it says so, a recovery code as well."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(max_length=100)


class ConfirmedCode(TypedCode):
    """Both, for what weakens the account."""

    password: SecretStr = Field(max_length=256)


class AddressChange(Confirmation):
    """Where the person wants their mail from now on."""

    email: EmailStr = Field(max_length=320)


@dataclass(frozen=True, slots=True)
class TokenCall:
    """A call by API token; `plan` says how many there may be."""

    scope: Scope
    plan: str


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """`confirmed_at` is None while nobody has shown that they read mail there."""

    email: str
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class UserRow:
    id: UUID
    email: str
    name: str
    is_operator: bool
    deletion_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrganizationChoice:
    """An organization that a person can switch to."""

    id: UUID
    name: str
    role: str
    deletion_due_at: datetime | None
    requires_second_factor: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a session cookie stands for, where they are, and where else they could be."""

    scope: Scope
    session_id: UUID
    user: UserRow
    organization: OrganizationChoice
    organizations: tuple[OrganizationChoice, ...]


@dataclass(frozen=True, slots=True)
class Browser:
    """Who a session cookie stands for, whether or not they are in an organization."""

    person: UserScope
    session_id: UUID


@dataclass(frozen=True, slots=True)
class NewSession:
    """`token` goes into the cookie and is nowhere else."""

    session_id: UUID
    token: str
    expires_at: datetime
    user_id: UUID


@dataclass(frozen=True, slots=True)
class CodeWanted:
    """The password was right, and a code is missing. `token` goes into a cookie of its own and is nowhere else."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SecondFactorRow:
    """Whether a code is asked for at sign-in, since when, and how many recovery codes are left."""

    is_on: bool
    since: datetime | None
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class SecondFactorDemand:
    """Which of a person's organizations require two-factor sign-in, and which do not."""

    is_on: bool
    requiring: tuple[OrganizationChoice, ...]
    others: tuple[OrganizationChoice, ...]


@dataclass(frozen=True, slots=True)
class SetUpSecret:
    """What the app has to know, to type or as an address for a QR code; shown this once."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """Shown this once; each works once."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A signed-in browser: `device` as it says itself, in words; `provider` is through whom, empty for a password."""

    id: UUID
    device: str
    ip_address: str
    created_at: datetime
    last_used_at: datetime
    is_current: bool
    provider: str


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """Somebody else's accounts that may sign people in here; `slug` is its part of our addresses."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """One's own account there. `slug` is empty when that provider is not set up any more."""

    id: UUID
    slug: str
    provider: str
    email: str | None
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How a person can sign in. `is_fresh` says that this browser came through a provider a moment ago."""

    has_password: bool
    is_fresh: bool
    identities: tuple[IdentityRow, ...]
    providers: tuple[ProviderRow, ...]


@dataclass(frozen=True, slots=True)
class EndedSessions:
    ended: int


@dataclass(frozen=True, slots=True)
class CreatedToken:
    """An API token, shown this once."""

    id: UUID
    token: str
    name: str
    scope: TokenScope
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """An expired token opens nothing, and stays in the list until it is revoked: so that one sees why it stopped."""

    id: UUID
    name: str
    hint: str
    created_at: datetime
    last_used_at: datetime | None
    scope: TokenScope
    expires_at: datetime | None
    is_expired: bool
