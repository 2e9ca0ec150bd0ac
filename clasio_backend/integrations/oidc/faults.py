"""What goes wrong at a provider, in our own words: theirs are neither shown nor logged.

`cause` is for the log: a fixed word, never a token, an address or a text of the provider.
"""

from clasio_backend.core.errors import ProviderError


class ProviderAway(ProviderError):
    code = "provider_away"
    status = 503

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(
            f"{name} does not answer. Try again in a minute, or sign in with your password.", retryable=True
        )
        self.cause = cause


class ProviderNotTrusted(ProviderError):
    """It answered, and not as it must: a bad signature, a token for somebody else, no token at all."""

    code = "provider_not_trusted"

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(
            f"Nobody was signed in, because the answer of {name} could not be trusted. Try again; if it stays, tell "
            "the person who runs Clasio.",
            retryable=False,
        )
        self.cause = cause
