"""The one tree of expected errors.

A message is a sentence for people: what happened, then what to do. The page shows `message`, HTTP maps `status`,
a job reads `retryable`. Anything that is not a `ClasioError` is a bug and becomes a 500 with the request id.
"""

from collections.abc import Mapping
from typing import Any


class ClasioError(Exception):
    """Base of every expected error; `code` is stable for scripts, `retry_after` is in seconds."""

    code = "error"
    status = 400
    retryable = False
    retry_after: float | None = None

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code

    def details(self) -> Mapping[str, Any]:
        """Further members for `application/problem+json` (RFC 9457 §3.2)."""
        return {}


class NotFound(ClasioError):
    """Missing or forbidden: from outside both look the same."""

    code = "not_found"
    status = 404

    def __init__(self, what: str = "page") -> None:
        super().__init__(f"This {what} does not exist, or you have no access to it.")


class NotSignedIn(ClasioError):
    code = "not_signed_in"
    status = 401

    def __init__(self, message: str = "You are signed out. Sign in to go on.") -> None:
        super().__init__(message)


class NotPermitted(ClasioError):
    """Only for callers who can already see the thing they may not change."""

    code = "not_permitted"
    status = 403


class OutsideTokenScope(ClasioError):
    """The person may do this, and the API token that was sent may not."""

    code = "token_scope"
    status = 403

    def __init__(self) -> None:
        super().__init__("This API token is not made for that. Use one with a wider scope.")


class Conflict(ClasioError):
    code = "conflict"
    status = 409


class ValidationFailed(ClasioError):
    """`fields` maps a field's name to a sentence saying what is wrong with it."""

    code = "validation_failed"
    status = 422

    def __init__(self, message: str, fields: Mapping[str, str] | None = None, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.fields = dict(fields or {})

    def details(self) -> Mapping[str, Any]:
        return {"fields": self.fields} if self.fields else {}


class TooManyRequests(ClasioError):
    code = "too_many_requests"
    status = 429
    retryable = True

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    def details(self) -> Mapping[str, Any]:
        return {"retry_after": self.retry_after}


class QuotaExceeded(ClasioError):
    """A plan's limit would be passed; `used` and `limit` are in the meter's own unit (items or bytes)."""

    code = "quota_exceeded"
    status = 402

    def __init__(  # noqa: PLR0913  # what a page needs to explain the limit
        self, message: str, *, meter: str, used: int, limit: int, plan: str, upgrade_url: str
    ) -> None:
        super().__init__(message)
        self.meter, self.used, self.limit, self.plan, self.upgrade_url = meter, used, limit, plan, upgrade_url

    def details(self) -> Mapping[str, Any]:
        return {
            "meter": self.meter,
            "used": self.used,
            "limit": self.limit,
            "plan": self.plan,
            "upgrade_url": self.upgrade_url,
        }


class ProviderError(ClasioError):
    """Something outside Clasio failed (storage, model, mail); `retryable` says whether trying again can help.

    `retry_after` is how many seconds the other side asked us to wait, where it did.
    """

    code = "provider_error"
    status = 502

    def __init__(
        self, message: str, *, retryable: bool, code: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.retryable = retryable
        self.retry_after = retry_after
