from datetime import date
from decimal import Decimal

import pytest

from clasio_backend.analysis.analyzer import AnalysisRequest, DocumentDates
from clasio_backend.analysis.local.amounts import find_amounts
from clasio_backend.analysis.local.companies import company_names
from clasio_backend.analysis.local.dates import find_dates
from clasio_backend.analysis.local.document import Document, prepare
from clasio_backend.analysis.local.language import detect_language
from clasio_backend.analysis.local.money import read_number


def document(text: str, language: str | None = None) -> Document:
    return prepare(AnalysisRequest("a.txt", "text/plain", text, "fast", ()), language)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Date: 31.12.2026", None, date(2026, 12, 31)),
        ("Date: 31/12/2026", "en", date(2026, 12, 31)),
        ("Date: 12/31/2026", "en", date(2026, 12, 31)),
        ("Date: 03/04/2026", "fr", date(2026, 4, 3)),
        ("Date: 03/04/2026\nTotal $5.00", "en", date(2026, 3, 4)),
        ("Date: 03/04/2026\nTotal £5.00", "en", date(2026, 4, 3)),
        ("Date: 03/04/2026\nDelivered 25/03/2026", "en", date(2026, 4, 3)),
        ("Date: 2026-12-31", None, date(2026, 12, 31)),
        ("Date: 3 March 2026", "en", date(2026, 3, 3)),
        ("Date: March 3rd, 2026", "en", date(2026, 3, 3)),
        ("Datum: 3. März 2026", "de", date(2026, 3, 3)),
        ("Date : 1er août 2026", "fr", date(2026, 8, 1)),
        ("Fecha: 3 de marzo de 2026", "es", date(2026, 3, 3)),
        ("Data: 3 września 2026", "pl", date(2026, 9, 3)),
        ("日期: 2026年3月5日", "zh", date(2026, 3, 5)),
        ("작성일 2026년 3월 5일", "ko", date(2026, 3, 5)),
        ("Invoice date: 20261231", "en", date(2026, 12, 31)),
        ("Date: 3/4/26", "fr", date(2026, 4, 3)),
        ("Date: 31/02/2026", "fr", None),
        ("Date: 99/99/2026", "fr", None),
        ("Date of birth: 3 March 1980", "en", None),
        ("Phone 01.02.03.04.05", "fr", None),
        ("Version 1.2.2026.4", "en", None),
    ],
)
def test_reads_dates_in_the_usual_forms(text: str, language: str | None, expected: date | None) -> None:
    assert find_dates(document(text, language)).issued == expected


def test_each_date_goes_to_the_label_before_it() -> None:
    text = "Invoice date 1 May 2026 Due date 31 May 2026\nOrder date: 1 April 2026\nOffer valid until 30 June 2026"
    expected = DocumentDates(issued=date(2026, 5, 1), due=date(2026, 5, 31), expires=date(2026, 6, 30))
    assert find_dates(document(text, "en")) == expected


def test_label_may_stand_above_its_date() -> None:
    assert find_dates(document("Due date\n31 May 2026", "en")).due == date(2026, 5, 31)


@pytest.mark.parametrize(
    ("number", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234", "1234"),
        ("1,234", "1234"),
        ("1.234.567", "1234567"),
        ("1'234.50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("0.125", "0.125"),
        ("12,5", "12.5"),
        ("7", "7"),
        ("2.978.666.00", "2978666.00"),
    ],
)
def test_reads_both_ways_of_writing_decimals(number: str, value: str) -> None:
    assert read_number(number) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "language", "minor_units", "currency"),
    [
        ("Total: ¥1,500", "ja", 1500, "JPY"),
        ("合计 ¥1,500.00", "zh", 150_000, "CNY"),
        ("합계 15,000원", "ko", 15_000, "KRW"),
        ("Total USD 1,234.56", "en", 123_456, "USD"),
        ("Gesamtbetrag 1.234,56 EUR", "de", 123_456, "EUR"),
        ("Total TTC 1 234,56 €", "fr", 123_456, "EUR"),
        ("Celkem 1 234,50 Kč", "cs", 123_450, "CZK"),
        ("Summa 99,00 kr", "sv", 9_900, "SEK"),
        ("I alt 99,00 kr", "da", 9_900, "DKK"),
        ("Rechnungsbetrag CHF 1'234.50", "de", 123_450, "CHF"),
        ("Total -12.00 €", "en", -1_200, "EUR"),
        ("Total (12.00) €", "en", -1_200, "EUR"),
        ("Total incl. VAT 12.00", "en", 1_200, None),
        ("Total\n12.00 €", "en", 1_200, "EUR"),
    ],
)
def test_reads_totals_with_their_currency(text: str, language: str, minor_units: int, currency: str | None) -> None:
    (amount,) = find_amounts(document(text, language))
    assert (amount.label, amount.minor_units, amount.currency) == ("Total", minor_units, currency)


def test_discounts_columns_and_percentages_are_no_totals() -> None:
    text = "Description Quantity Total\nDiscount 5.00\nTax rate 20%\nTotal pages 3"
    assert find_amounts(document(text, "en")) == ()


def test_the_guess_is_the_largest_sum_that_stands_twice() -> None:
    text = "A 2.00 €\nB 3.00 €\n5.00 €\npaid by card 5.00 €\ncashback points 999.00 €"
    assert find_amounts(document(text), guess=True)[0].minor_units == 500


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Alder Works GmbH & Co. KG, Köln", ["Alder Works GmbH & Co. KG"]),
        ("between Alder Ltd and Birch & Sons Inc., New York", ["Alder Ltd", "Birch & Sons Inc"]),
        ("Zielony Las Sp. z o.o.", ["Zielony Las Sp. z o.o."]),
        ("Au fil du temps SARL - 3 rue Haute", ["Au fil du temps SARL"]),
        ("GmbH", []),
        ("", []),
    ],
)
def test_finds_companies_by_their_legal_form(line: str, names: list[str]) -> None:
    assert [name.rstrip(".") for name in company_names(line)] == [name.rstrip(".") for name in names]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The weather in the mountains is changing and we have to be careful.", "en"),
        ("Das Wetter in den Bergen ändert sich und wir müssen vorsichtig sein.", "de"),
        ("Le temps change dans les montagnes et nous devons être prudents.", "fr"),
        ("Het weer in de bergen verandert en we moeten voorzichtig zijn.", "nl"),
        ("El tiempo cambia en las montañas y hay que tener cuidado.", "es"),
        ("Il tempo sta cambiando in montagna e dobbiamo essere prudenti.", "it"),
        ("O tempo está mudando nas montanhas e não podemos esperar.", "pt"),
        ("Pogoda w górach się zmienia i trzeba na nią uważać.", "pl"),
        ("Погода в горах меняется, и мы должны быть осторожны.", "ru"),  # noqa: RUF001
        ("Погода в горах змінюється, і ми повинні бути обережні.", "uk"),  # noqa: RUF001
        ("山里的天气正在变化。", "zh"),
        ("山の天気は変わりやすいです。", "ja"),
        ("산의 날씨가 변하고 있습니다.", "ko"),
        ("الطقس في الجبال يتغير", "ar"),
        ("מזג האוויר בהרים משתנה", "he"),
        ("", None),
        ("12 345 ---", None),
        ("xq zv kj", None),
    ],
)
def test_knows_the_language(text: str, language: str | None) -> None:
    assert detect_language(text) == language
