"""Which providers there are: a look at the settings, nothing is asked for."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from clasio_backend.core.config import Settings, get_settings

GOOGLE_ISSUER = "https://accounts.google.com"


@dataclass(frozen=True, slots=True)
class Provider:
    """`slug` is its part of our addresses, one for each, so that the answer of one is never taken for another's.

    `writes_as` is what may stand as the issuer in its ID tokens. `can_ask_again` says whether it understands that a
    person has to prove anew who they are; Google does not.
    """

    slug: str
    name: str
    issuer: str
    writes_as: tuple[str, ...]
    client_id: str
    client_secret: SecretStr
    can_ask_again: bool = True


def list_providers() -> tuple[Provider, ...]:
    """Those that are set up, in the order of the buttons."""
    settings = get_settings()
    return tuple(provider for provider in (_google(settings), _chosen(settings)) if provider is not None)


def find_provider(slug: str) -> Provider | None:
    return next((provider for provider in list_providers() if provider.slug == slug), None)


def name_of_slug(slug: str) -> str:
    """What people call it; its part of our addresses when it is set up no more."""
    provider = find_provider(slug)
    return provider.name if provider else slug


def name_of_issuer(issuer: str) -> str:
    """The same by its own address; its host when it is set up no more."""
    known = next((provider for provider in list_providers() if provider.issuer == issuer), None)
    return known.name if known else urlsplit(issuer).hostname or issuer


def _google(settings: Settings) -> Provider | None:
    if not settings.google_client_id or settings.google_client_secret is None:
        return None
    issuer = settings.google_oauth_base or GOOGLE_ISSUER
    return Provider(
        slug="google",
        name="Google",
        issuer=issuer,
        writes_as=(issuer, issuer.removeprefix("https://")),  # Google's older way to write it
        client_id=settings.google_client_id,
        client_secret=settings.google_client_secret,
        can_ask_again=False,
    )


def _chosen(settings: Settings) -> Provider | None:
    if not settings.oidc_issuer or not settings.oidc_client_id or settings.oidc_client_secret is None:
        return None
    return Provider(
        slug="oidc",
        name=settings.oidc_name,
        issuer=settings.oidc_issuer,
        writes_as=(settings.oidc_issuer,),
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
    )
