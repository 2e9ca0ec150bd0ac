import json
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from clasio_backend.analysis.analyzer import MAX_SUMMARY, OTHER, Amount, AnalysisRequest, AnalysisResult
from clasio_backend.analysis.answers import InvalidAnswer, check_category, parse_answer

REQUEST = AnalysisRequest("a.pdf", "application/pdf", "text", "fast", ("Rechnungen", "Verträge"))
GOOD = {
    "category": "Rechnungen",
    "document_type": "Rechnung",
    "summary": "Eine Rechnung.",
    "language": "de",
    "issued": "2026-03-01",
    "amounts": [{"label": "Total", "value": "127.50", "currency": "eur"}],
    "parties": ["Acme GmbH", "Acme GmbH", " "],
}


def parse(**changes: Any) -> AnalysisResult:
    answer = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return parse_answer(json.dumps(answer), REQUEST, model="m", prompt_version="1", tokens_in=10, tokens_out=5)


def test_good_answer_becomes_a_result() -> None:
    result = parse()
    assert result.category == "Rechnungen"
    assert result.dates.issued == date(2026, 3, 1)
    assert result.amounts == (Amount(label="Total", minor_units=12750, currency="EUR"),)
    assert result.parties == ("Acme GmbH",)
    assert (result.tokens_in, result.tokens_out, result.prompt_version) == (10, 5, "1")


@pytest.mark.parametrize(
    ("given", "kept"),
    [("VERTRAGE", "Verträge"), (" rechnungen ", "Rechnungen"), ("Other", OTHER), ("Invoices", OTHER), ("", OTHER)],
)
def test_category_is_given_in_the_organizations_spelling(given: str, kept: str) -> None:
    assert parse(category=given).category == kept


@pytest.mark.parametrize(
    ("given", "kept"), [("DE", "de"), ("de-AT", "de"), ("pt_BR", "pt"), ("german", None), ("", None), ("d1", None)]
)
def test_language_is_a_code_or_nothing(given: str, kept: str | None) -> None:
    assert parse(language=given).language == kept


@pytest.mark.parametrize(
    "changes",
    [
        {"document_type": ""},
        {"summary": 3},
        {"issued": "2026-02-30"},
        {"issued": "soon"},
        {"amounts": [{"label": "Total", "value": "127,50"}]},
        {"amounts": [{"label": "Total", "value": 127.5}]},
        {"amounts": [{"label": "Total", "value": "9" * 13 + ".99"}] * 101},
        {"parties": "Acme"},
    ],
)
def test_bad_answer_is_refused_and_may_be_asked_again(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidAnswer) as caught:
        parse(**changes)
    assert caught.value.retryable
    assert caught.value.code == "invalid_analysis"


@pytest.mark.parametrize("answer", ["", "{", "[]", "null", b"\xff\xfe", "x" * 200_000])
def test_what_is_no_answer_is_refused(answer: str | bytes) -> None:
    with pytest.raises(InvalidAnswer):
        parse_answer(answer, REQUEST, model="m", prompt_version="1")


def test_refusal_does_not_repeat_the_documents_content() -> None:
    with pytest.raises(InvalidAnswer) as caught:
        parse(issued="secret salary of Jane")
    assert "secret" not in caught.value.message


def test_long_texts_are_cut_and_control_characters_go() -> None:
    result = parse(summary="A\x00 word. " * 200, document_type="T" * 200, parties=[f"Party {n}" for n in range(50)])
    assert len(result.summary) <= MAX_SUMMARY
    assert "\x00" not in result.summary
    assert len(result.document_type) <= 80
    assert len(result.parties) == 10


def test_currency_decides_the_smallest_unit() -> None:
    amounts = [{"label": "Total", "value": "1500", "currency": code} for code in ("JPY", "EUR", "KWD", "doubloons")]
    found = [(each.minor_units, each.currency) for each in parse(amounts=amounts).amounts]
    assert found == [(1500, "JPY"), (150_000, "EUR"), (1_500_000, "KWD"), (150_000, None)]


def test_category_from_elsewhere_is_refused() -> None:
    result = parse()
    assert check_category(result, REQUEST) is result
    with pytest.raises(InvalidAnswer):
        check_category(result, AnalysisRequest("a", "text/plain", "", "fast", ("Contracts",)))


def test_result_is_strict_and_frozen() -> None:
    result = parse()
    with pytest.raises(ValidationError):
        AnalysisResult.model_validate(result.model_dump() | {"summary": "x" * 601})
    with pytest.raises(ValidationError):
        Amount(label="Total", minor_units=1.5)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        result.category = "x"  # type: ignore[misc]
