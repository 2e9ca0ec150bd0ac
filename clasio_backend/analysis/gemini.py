"""The analyzer that asks Gemini: builds the question, bounds its cost beforehand, and believes no answer unchecked."""

from dataclasses import dataclass
from typing import Literal

from clasio_backend.analysis.analyzer import AnalysisRequest, AnalysisResult, Mode
from clasio_backend.analysis.answers import InvalidAnswer, parse_answer
from clasio_backend.analysis.local.language import detect_language
from clasio_backend.analysis.prompt import SCHEMA, SYSTEM, prompt_version, question
from clasio_backend.core.errors import ProviderError
from clasio_backend.integrations.gemini import Call, Part, Reply, get_model_client

ATTACHED_TYPES = frozenset({"application/pdf", "image/png", "image/jpeg", "image/webp"})
MAX_ATTACHED_BYTES = 12_000_000
"""Gemini takes requests of 20 MB, and base64 adds a third."""
MAX_ATTACHED_PAGES = 100
MOST_TOKENS_A_PAGE = 1_200
"""Of a page that comes along as bytes, with a margin: Google counts 258."""
MOST_TOKENS_A_PICTURE = 4_200
"""Of a picture: 258 for each of at most 16 tiles."""
MOST_TOKENS_OUT: dict[Mode, int] = {"fast": 8_192, "thorough": 32_768}
TOKENS_AROUND = 500
"""Roles and marks that Google adds to a prompt."""
SECONDS: dict[Mode, float] = {"fast": 60.0, "thorough": 240.0}

_CUT_OFF = "MAX_TOKENS"
_GOOD = frozenset({"STOP", _CUT_OFF})


class Declined(ProviderError):
    """Gemini's own rules kept it from answering; the same document would be declined again."""

    code = "ai_declined"

    def __init__(self) -> None:
        super().__init__(
            "Gemini declined to analyse this document because of its content rules. It stays searchable, and its "
            "values can be set by hand.",
            retryable=False,
        )


class CutOff(ProviderError):
    """The answer reached its bound; asked again it would be as long."""

    code = "ai_cut_off"

    def __init__(self) -> None:
        super().__init__(
            "Gemini's answer grew too long and was cut off. Try the other kind of analysis.", retryable=False
        )


@dataclass(frozen=True, slots=True)
class GeminiAnalyzer:
    """Metered: `most_tokens` is reserved before `analyze` is called."""

    model_fast: str
    model_thorough: str
    source: Literal["gemini"] = "gemini"

    def model_of(self, mode: Mode) -> str:
        return self.model_fast if mode == "fast" else self.model_thorough

    def analyze(self, request: AnalysisRequest) -> AnalysisResult:
        """One call; raises `ProviderError`, among them `Declined`, `CutOff` and `InvalidAnswer`."""
        reply = get_model_client().generate(
            Call(
                model=self.model_of(request.mode),
                system=SYSTEM,
                parts=_parts(request),
                schema=SCHEMA,
                most_tokens=MOST_TOKENS_OUT[request.mode],
                timeout=SECONDS[request.mode],
            )
        )
        return self._checked(reply, request)

    def _checked(self, reply: Reply, request: AnalysisRequest) -> AnalysisResult:
        if reply.finish not in _GOOD:
            raise Declined
        if reply.finish == _CUT_OFF:
            raise CutOff
        if not reply.text.strip():
            raise InvalidAnswer("empty")
        result = parse_answer(
            reply.text,
            request,
            model=self.model_of(request.mode),
            prompt_version=prompt_version(request),
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
        )
        if result.language is None:
            return result.model_copy(update={"language": detect_language(request.text)})
        return result


def attaches(mode: Mode, mime_type: str, size_bytes: int, page_count: int | None) -> bool:
    """Whether the document's own bytes go along: pages and pictures say more than their text."""
    pages = page_count or (0 if mime_type == "application/pdf" else 1)
    return (
        mode == "thorough"
        and mime_type in ATTACHED_TYPES
        and size_bytes <= MAX_ATTACHED_BYTES
        and 0 < pages <= MAX_ATTACHED_PAGES
    )


def most_tokens(request: AnalysisRequest) -> int:
    """No call costs more: a token is at least one byte of the text, and the answer has its own bound."""
    text = len(SYSTEM) + len(str(SCHEMA)) + len(question(request).encode())
    is_pdf = request.mime_type == "application/pdf"
    attached = (request.page_count or 1) * MOST_TOKENS_A_PAGE if is_pdf else MOST_TOKENS_A_PICTURE
    return text + attached * request.has_content + TOKENS_AROUND + MOST_TOKENS_OUT[request.mode]


def _parts(request: AnalysisRequest) -> list[Part]:
    parts = [Part(text=question(request))]
    if request.content is not None:
        parts.append(Part(data=request.content, mime_type=request.mime_type))
    return parts
