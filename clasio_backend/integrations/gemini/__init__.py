"""Gemini behind one small client, whichever of Google's two libraries carries the call."""

from functools import lru_cache
from importlib.util import find_spec

from clasio_backend.core.config import get_settings
from clasio_backend.core.errors import ProviderError
from clasio_backend.integrations.gemini.client import Call, ModelClient, Part, Reply

__all__ = ["Call", "ModelClient", "Part", "Reply", "get_model_client"]


@lru_cache(maxsize=1)
def get_model_client() -> ModelClient:
    """The process's client. Made at the first analysis: each library takes half a second and 60 to 80 MB to import."""
    settings = get_settings()
    if settings.gemini_api_key is None:
        raise ProviderError(
            "Gemini has no key, so nothing was analysed. The operator can set GEMINI_API_KEY.",
            retryable=False,
            code="ai_key_missing",
        )
    key, base = settings.gemini_api_key.get_secret_value(), settings.gemini_api_base
    if settings.analyzer == "genai":
        if find_spec("google.genai") is None:
            raise ProviderError(
                "ANALYZER=genai needs the package google-genai, which is not installed. The operator can add it.",
                retryable=False,
                code="ai_library_missing",
            )
        from clasio_backend.integrations.gemini.genai import GenAI  # noqa: PLC0415  # see above

        return GenAI(key, base)
    from clasio_backend.integrations.gemini.generativeai import GenerativeAI  # noqa: PLC0415  # see above

    return GenerativeAI(key, base)
