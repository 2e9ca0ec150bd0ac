"""From a model's JSON answer to an `AnalysisResult`: nothing a model says is believed before it was checked here."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from clasio_backend.analysis.analyzer import (
    MAX_AMOUNTS,
    MAX_CATEGORY,
    MAX_DOCUMENT_TYPE,
    MAX_LABEL,
    MAX_MINOR_UNITS,
    MAX_PARTIES,
    MAX_PARTY,
    MAX_SUMMARY,
    OTHER,
    Amount,
    AnalysisRequest,
    AnalysisResult,
    DocumentDates,
)
from clasio_backend.analysis.currencies import CODES, to_minor_units
from clasio_backend.analysis.words import fold, one_line
from clasio_backend.core.errors import ProviderError

_LANGUAGE_CODE = re.compile(r"[a-z]{2}")
_MAX_ANSWER = 100_000  # characters; a good answer has about 2,000
_Text = Annotated[str, StringConstraints(max_length=5_000)]


class InvalidAnswer(ProviderError):
    """The model's answer does not follow the schema; asking again can help."""

    code = "invalid_analysis"

    def __init__(self, detail: str) -> None:
        super().__init__(f"The AI gave an answer that does not fit ({detail}).", retryable=True)


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class AnswerAmount(_Answer):
    """Models write decimals more reliably than smallest units: "127.50", not 12750."""

    label: _Text
    value: Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,13}(\.[0-9]{1,4})?$")]
    currency: _Text | None = None


class Answer(_Answer):
    """What a model is asked for; its JSON schema goes to the model as it is."""

    category: _Text
    document_type: Annotated[_Text, Field(min_length=1)]
    summary: _Text
    language: _Text | None = None
    issued: date | None = None
    due: date | None = None
    expires: date | None = None
    amounts: Annotated[list[AnswerAmount], Field(max_length=100)] = []
    parties: Annotated[list[_Text], Field(max_length=100)] = []


def listed_category(name: str, request: AnalysisRequest) -> str | None:
    """The request's own spelling of `name`, `OTHER`, or None when it is neither; case and accents do not matter."""
    wanted = fold(one_line(name, MAX_CATEGORY))
    return next((own for own in (*request.categories, OTHER) if fold(own) == wanted), None)


def check_category(result: AnalysisResult, request: AnalysisRequest) -> AnalysisResult:
    """`result` itself; raises `InvalidAnswer` when its category is not from the request's list."""
    if result.category != OTHER and result.category not in request.categories:
        raise InvalidAnswer("category not from the list")
    return result


def parse_answer(  # noqa: PLR0913 - what the call cost comes from the adapter, each by name
    answer: str | bytes,
    request: AnalysisRequest,
    *,
    model: str,
    prompt_version: str,
    tokens_in: int = 0,
    tokens_out: int = 0,
) -> AnalysisResult:
    """Check a model's JSON and bring it into bounds; raises `InvalidAnswer`.

    Too long a text or too many entries are cut, a category that is not in the list is `OTHER`, and what is no code of a
    language is None (a second call would cost more than it gains); a wrong date or amount is refused.
    """
    if len(answer) > _MAX_ANSWER:
        raise InvalidAnswer("too long")
    try:
        parsed = Answer.model_validate_json(answer)
    except ValidationError as error:
        raise InvalidAnswer(_first_problem(error)) from error
    parties = dict.fromkeys(name for party in parsed.parties if (name := one_line(party, MAX_PARTY)))
    return AnalysisResult(
        category=listed_category(parsed.category, request) or OTHER,
        document_type=one_line(parsed.document_type, MAX_DOCUMENT_TYPE) or "Document",
        summary=one_line(parsed.summary, MAX_SUMMARY),
        language=_language(parsed.language),
        dates=DocumentDates(issued=parsed.issued, due=parsed.due, expires=parsed.expires),
        amounts=tuple(_amount(each) for each in parsed.amounts[:MAX_AMOUNTS]),
        parties=tuple(parties)[:MAX_PARTIES],
        model=model,
        prompt_version=prompt_version,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
    )


def _language(answer: str | None) -> str | None:
    """`de` of "de", "DE" or "de-AT"; None for "German"."""
    code = re.split(r"[-_]", (answer or "").strip().lower(), maxsplit=1)[0]
    return code if _LANGUAGE_CODE.fullmatch(code) else None


def _amount(answer: AnswerAmount) -> Amount:
    code = (answer.currency or "").strip().upper()
    currency = code if code in CODES else None
    minor_units = to_minor_units(Decimal(answer.value), currency)
    if abs(minor_units) > MAX_MINOR_UNITS:
        raise InvalidAnswer("amount too large")
    return Amount(label=one_line(answer.label, MAX_LABEL) or "Amount", minor_units=minor_units, currency=currency)


def _first_problem(error: ValidationError) -> str:
    """Where the first problem lies, without the value: that is the document's content."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return ".".join(str(part) for part in first["loc"])[:80] or "not JSON"
