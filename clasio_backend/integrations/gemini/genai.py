"""Through `google-genai`, Google's present library: an extra, used with ANALYZER=genai."""

from typing import Any

import httpx2
from google import genai
from google.genai import errors, types

from clasio_backend.integrations.gemini import faults
from clasio_backend.integrations.gemini.client import BLOCKED, Call, Part, Reply

API_VERSION = "v1beta"


class GenAI:
    """The key goes in a header only."""

    def __init__(self, api_key: str, base_url: str | None = None) -> None:
        options = types.HttpOptions(base_url=base_url, api_version=API_VERSION)
        self._client = genai.Client(api_key=api_key, vertexai=False, http_options=options)

    def generate(self, call: Call) -> Reply:
        """One call; the library does not try again unless it is told to."""
        config = types.GenerateContentConfig(
            system_instruction=call.system,
            response_mime_type="application/json",
            response_schema=dict(call.schema),
            max_output_tokens=call.most_tokens,
            temperature=0,
            http_options=types.HttpOptions(timeout=int(call.timeout * 1000)),
        )
        contents: list[Any] = [_content(part) for part in call.parts]
        try:
            response = self._client.models.generate_content(model=call.model, contents=contents, config=config)
        except errors.APIError as error:
            raise faults.refused(int(error.code or 500), getattr(error.response, "headers", None)) from None
        except httpx2.HTTPError:
            raise faults.unreachable() from None
        except (
            errors.UnknownApiResponseError,
            ValueError,
            TypeError,
            AttributeError,
        ):  # it takes any JSON for Gemini's
            raise faults.unintelligible() from None
        if not response.candidates and response.prompt_feedback is None:
            raise faults.unintelligible()
        return _reply(response)


def _content(part: Part) -> types.Part:
    if part.data is None:
        return types.Part(text=part.text)
    return types.Part.from_bytes(data=part.data, mime_type=part.mime_type or "application/octet-stream")


def _reply(response: types.GenerateContentResponse) -> Reply:
    usage = response.usage_metadata or types.GenerateContentResponseUsageMetadata()
    tokens_out = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
    if not response.candidates:
        return Reply("", BLOCKED, usage.prompt_token_count or 0, tokens_out)
    candidate = response.candidates[0]
    parts = (candidate.content and candidate.content.parts) or []
    text = "".join(part.text for part in parts if part.text and not part.thought)
    finish = candidate.finish_reason.value if candidate.finish_reason else "OTHER"
    return Reply(text, finish, usage.prompt_token_count or 0, tokens_out)
