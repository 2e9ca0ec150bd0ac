"""What can go wrong at Gemini, in words for people. Google's own texts are never passed on: they can quote the key."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from clasio_backend.core.errors import ProviderError

MAX_RETRY_AFTER = 3_600.0
"""In seconds."""


def refused(status: int, headers: Mapping[str, Any] | None) -> ProviderError:
    """The error for an answer with this HTTP status."""
    match status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            return ProviderError(
                "Gemini takes no more requests for now.",
                retryable=True,
                code="ai_too_many_requests",
                retry_after=_retry_after(headers or {}),
            )
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return ProviderError(
                "Gemini refused Clasio's key. The operator can put it right; then try again.",
                retryable=False,
                code="ai_key_refused",
            )
        case HTTPStatus.NOT_FOUND:
            return ProviderError(
                "Gemini does not know this model. The operator can choose another; then try again.",
                retryable=False,
                code="ai_model_missing",
            )
    if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ProviderError(
            f"Gemini is out of order (code {status}).",
            retryable=True,
            code="ai_out_of_order",
            retry_after=_retry_after(headers or {}),
        )
    return ProviderError(f"Gemini refused this document (code {status}).", retryable=False, code="ai_refused")


def unreachable() -> ProviderError:
    return ProviderError("Gemini cannot be reached.", retryable=True, code="ai_unreachable")


def unintelligible() -> ProviderError:
    return ProviderError("Gemini's answer could not be read.", retryable=True, code="ai_unintelligible")


def _retry_after(headers: Mapping[str, Any]) -> float | None:
    """The header `Retry-After` in seconds (Google sends no dates), bounded."""
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    if not math.isfinite(seconds) or seconds < 0:
        return None
    return min(seconds, MAX_RETRY_AFTER)
