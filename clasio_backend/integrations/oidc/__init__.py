"""OpenID Connect providers that people sign in with: Google, and one that the operator chooses.

joserfc checks what is signed. Nothing that a provider writes is shown or logged.
"""

from clasio_backend.integrations.oidc.client import Told, authorization_address, check_issuer, redeem
from clasio_backend.integrations.oidc.discovery import look_at
from clasio_backend.integrations.oidc.providers import (
    Provider,
    find_provider,
    list_providers,
    name_of_issuer,
    name_of_slug,
)

__all__ = [
    "Provider",
    "Told",
    "authorization_address",
    "check_issuer",
    "find_provider",
    "list_providers",
    "look_at",
    "name_of_issuer",
    "name_of_slug",
    "redeem",
]
