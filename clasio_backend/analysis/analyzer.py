"""What every analyzer takes and gives: the local one, and the Gemini adapters.

Bounds are part of the type, so that nothing a document or a model says can fill a row or a page.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Mode = Literal["fast", "thorough"]
Source = Literal["local", "gemini"]

OTHER = "other"
MAX_SUMMARY = 600
MAX_CATEGORY = 100
MAX_DOCUMENT_TYPE = 80
MAX_LABEL = 60
MAX_PARTY = 120
MAX_AMOUNTS = 10
MAX_PARTIES = 10
MAX_MINOR_UNITS = 10**15

CategoryName = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CATEGORY)]
DocumentType = Annotated[str, StringConstraints(min_length=1, max_length=MAX_DOCUMENT_TYPE)]
Summary = Annotated[str, StringConstraints(max_length=MAX_SUMMARY)]
# pydantic matches with Rust, whose $ is the very end of the string.
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
PartyName = Annotated[str, StringConstraints(min_length=1, max_length=MAX_PARTY)]


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """`categories` are the organization's own names, in its order; `text` is data, never an instruction.

    `has_content` says that the document's own bytes go along, and `content` holds them once they were fetched.
    """

    name: str
    mime_type: str
    text: str
    mode: Mode
    categories: tuple[str, ...]
    sha256: str = ""
    page_count: int | None = None
    has_content: bool = False
    content: bytes | None = None

    def with_content(self, content: bytes) -> "AnalysisRequest":
        return replace(self, content=content)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Amount(_Frozen):
    """`minor_units` counts the currency's smallest unit (cents; yen for JPY); without a currency, hundredths."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=MAX_LABEL)]
    minor_units: int = Field(ge=-MAX_MINOR_UNITS, le=MAX_MINOR_UNITS)
    currency: CurrencyCode | None = None


class DocumentDates(_Frozen):
    issued: date | None = None
    due: date | None = None
    expires: date | None = None


class AnalysisResult(_Frozen):
    """`category` is one of the request's names or `OTHER`; `model` and `prompt_version` say what made it."""

    category: CategoryName
    document_type: DocumentType
    summary: Summary
    language: LanguageCode | None = None
    dates: DocumentDates = DocumentDates()
    amounts: Annotated[tuple[Amount, ...], Field(max_length=MAX_AMOUNTS)] = ()
    parties: Annotated[tuple[PartyName, ...], Field(max_length=MAX_PARTIES)] = ()
    model: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    prompt_version: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    tokens_in: int = Field(default=0, ge=0)
    tokens_out: int = Field(default=0, ge=0)


class Analyzer(Protocol):
    """Reads one document's text; raises `ProviderError` when something outside Clasio failed."""

    @property
    def source(self) -> Source: ...

    def analyze(self, request: AnalysisRequest) -> AnalysisResult: ...
