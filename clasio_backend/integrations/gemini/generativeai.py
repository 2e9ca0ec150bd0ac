"""Through `google-generativeai`, over REST. Google has ended its support, so everything it gets wrong is met here."""

import json
import warnings
from typing import Any

import requests

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # both packages announce their end at import
    import google.ai.generativelanguage as glm
    import google.generativeai as sdk
    from google.api_core.exceptions import GoogleAPICallError
    from google.generativeai.generative_models import GenerativeModel
    from google.protobuf.json_format import ParseError

from clasio_backend.core.errors import ProviderError
from clasio_backend.integrations.gemini import faults
from clasio_backend.integrations.gemini.client import BLOCKED, Call, Part, Reply


class GenerativeAI:
    """A client of its own, because the library's `configure` is global; bytes go inline: its upload names the key."""

    def __init__(self, api_key: str, base_url: str | None = None) -> None:
        options = {"api_key": api_key} | ({"api_endpoint": base_url.rstrip("/")} if base_url else {})
        self._client = glm.GenerativeServiceClient(transport="rest", client_options=options)

    def generate(self, call: Call) -> Reply:
        """One call without the library's own retries: those go on for long after `timeout`.

        A 401 is sent once more all the same: google-auth takes the key for a token that it could refresh.
        """
        model = GenerativeModel(call.model, system_instruction=call.system)
        model._client = self._client  # type: ignore[assignment]  # noqa: SLF001  # the only way past the global client
        try:
            response = model.generate_content(
                [_content(part) for part in call.parts],
                generation_config={
                    "response_mime_type": "application/json",
                    "response_schema": dict(call.schema),
                    "max_output_tokens": call.most_tokens,
                    "temperature": 0,
                },
                request_options=sdk.types.RequestOptions(retry=None, timeout=call.timeout),
            )
        except GoogleAPICallError as error:
            raise _refused(error) from None
        except requests.RequestException:
            raise faults.unreachable() from None
        except (ParseError, ValueError, TypeError):  # an answer that is no JSON, or not Gemini's
            raise faults.unintelligible() from None
        if not response.candidates and not response.prompt_feedback.block_reason:
            raise faults.unintelligible()
        return _reply(response)


def _refused(error: GoogleAPICallError) -> ProviderError:
    headers = getattr(getattr(error, "response", None), "headers", None)
    return faults.refused(int(error.code or 500), headers)


def _content(part: Part) -> Any:
    return part.text if part.data is None else {"mime_type": part.mime_type, "data": part.data}


def _reply(response: Any) -> Reply:
    usage, candidates = response.usage_metadata, response.candidates
    texts = [part.text for part in candidates[0].content.parts if "text" in part] if candidates else []
    # The library drops the count of thinking; Google's total has it.
    tokens_out = max(usage.candidates_token_count, usage.total_token_count - usage.prompt_token_count)
    finish = candidates[0].finish_reason.name if candidates else BLOCKED
    return Reply(_without_thoughts(texts), finish, usage.prompt_token_count, tokens_out)


def _without_thoughts(texts: list[str]) -> str:
    """The answer alone: the library forgets which parts were thoughts, and they come before it."""
    for start in range(len(texts)):
        answer = "".join(texts[start:])
        try:
            json.loads(answer)
        except ValueError:
            continue
        return answer
    return "".join(texts)
