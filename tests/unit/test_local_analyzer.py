from datetime import date

import pytest

from clasio_backend.analysis.analyzer import OTHER, AnalysisRequest, AnalysisResult, Analyzer
from clasio_backend.analysis.local import MODEL, LocalAnalyzer
from clasio_backend.organizations.defaults import DEFAULT_CATEGORIES

PDF = "application/pdf"


def analyze(
    text: str, *, mime_type: str = PDF, name: str = "document.pdf", categories: tuple[str, ...] = DEFAULT_CATEGORIES
) -> AnalysisResult:
    analyzer: Analyzer = LocalAnalyzer()
    return analyzer.analyze(AnalysisRequest(name, mime_type, text, "fast", categories))


ENGLISH_INVOICE = """\
Blue Harbour Trading Ltd
INVOICE
Invoice No: 2041
Invoice Date: 03/04/2026
Due Date: 02/05/2026
Bill To: Northwind Bakery
Description Qty Price Amount
Flour 20 £4.00 £80.00
Delivery 1 £12.50 £12.50
Subtotal £92.50
VAT 20% £18.50
Total £111.00
VAT Reg No GB123456789
"""
GERMAN_INVOICE = """\
Morgenrot Möbel GmbH · Hafenweg 3 · 20457 Hamburg
Kunz & Söhne KG
Rechnung Nr. 778
Rechnungsdatum: 3. März 2026
Fällig am 17.03.2026
Nettobetrag 1.000,00 €
zzgl. 19% MwSt. 190,00 €
Gesamtbetrag 1.190,00 €
Morgenrot Möbel GmbH, HRB 4711, USt-ID DE999999999
"""
FRENCH_INVOICE = """\
Atelier Verrier SARL
Facture n° 88 du 5 février 2026
Date d'échéance : 07/03/2026
Total HT : 1 250,00 €
TVA 20 % : 250,00 €
Total TTC : 1 500,00 €
Atelier Verrier SARL au capital de 10 000 € - SIRET 123 456 789 00012
"""
DUTCH_INVOICE = """\
Fietsenmaker De Dam B.V.
Factuurnummer: 19
Factuurdatum: 19 april 2026
Vervaldatum: 3 mei 2026
Subtotaal € 100,00
BTW 21% € 21,00
Totaal € 121,00
"""
SPANISH_INVOICE = """\
Aceites del Sur S.L.
Factura n.º 12
Fecha de factura: 9 de marzo de 2026
Vencimiento: 08/04/2026
Base imponible 200,00 €
IVA 21% 42,00 €
Total factura 242,00 €
"""
POLISH_INVOICE = """\
Faktura nr 5/2026
Data wystawienia: 2026-05-04
Termin płatności: 2026-05-18
Sprzedawca: Zielony Las Sp. z o.o.
Nabywca: Piekarnia Kowalski
Razem brutto 1 230,00 zł
"""
ITALIAN_INVOICE = """\
Officina Rossi S.r.l.
Fattura n. 31
Data fattura: 12 gennaio 2026
Scadenza: 11/02/2026
Imponibile 500,00 €
Totale fattura 610,00 €
"""
JAPANESE_INVOICE = """\
請求書
発行日 2026年3月1日
支払期限 2026年3月31日
小計 10,000円
消費税 1,000円
合計 11,000円
"""
INVOICES = [
    (ENGLISH_INVOICE, "en", "Blue Harbour Trading Ltd", 11_100, "GBP", date(2026, 4, 3), date(2026, 5, 2)),
    (GERMAN_INVOICE, "de", "Morgenrot Möbel GmbH", 119_000, "EUR", date(2026, 3, 3), date(2026, 3, 17)),
    (FRENCH_INVOICE, "fr", "Atelier Verrier SARL", 150_000, "EUR", date(2026, 2, 5), date(2026, 3, 7)),
    (DUTCH_INVOICE, "nl", "Fietsenmaker De Dam B.V.", 12_100, "EUR", date(2026, 4, 19), date(2026, 5, 3)),
    (SPANISH_INVOICE, "es", "Aceites del Sur S.L.", 24_200, "EUR", date(2026, 3, 9), date(2026, 4, 8)),
    (POLISH_INVOICE, "pl", "Zielony Las Sp. z o.o.", 123_000, "PLN", date(2026, 5, 4), date(2026, 5, 18)),
    (ITALIAN_INVOICE, "it", "Officina Rossi S.r.l.", 61_000, "EUR", date(2026, 1, 12), date(2026, 2, 11)),
    (JAPANESE_INVOICE, "ja", None, 11_000, "JPY", date(2026, 3, 1), date(2026, 3, 31)),
]


@pytest.mark.parametrize("case", INVOICES, ids=[case[1] for case in INVOICES])
def test_reads_the_facts_of_an_invoice(case: tuple[str, str, str | None, int, str, date, date]) -> None:
    text, language, sender, minor_units, currency, issued, due = case
    result = analyze(text)
    assert (result.category, result.document_type, result.language) == ("Invoices", "Invoice", language)
    assert (result.amounts[0].label, result.amounts[0].minor_units) == ("Total", minor_units)
    assert result.amounts[0].currency == currency
    assert (result.dates.issued, result.dates.due) == (issued, due)
    assert sender is None or result.parties[0] == sender
    assert result.model == MODEL


def test_summary_begins_with_what_it_is() -> None:
    assert analyze(ENGLISH_INVOICE).summary == (
        "Invoice from Blue Harbour Trading Ltd to Northwind Bakery over 111.00 GBP, dated 2026-04-03, due 2026-05-02."
    )


def test_category_is_one_of_the_organizations() -> None:
    assert analyze(ENGLISH_INVOICE, categories=("Verträge", "Rechnungen")).category == "Rechnungen"
    assert analyze(ENGLISH_INVOICE, categories=("Verträge",)).category == OTHER


KINDS = """
=== Contracts / Non-disclosure agreement
Non-Disclosure Agreement
This Agreement is made between Alder Ltd and Birch Inc.
The parties agree as follows. Confidential Information shall not be disclosed.
Governing law: England.
=== Contracts / Lease
MIETVERTRAG
zwischen Anna Berg und Otto Tal
Der Vertrag beginnt am 1. Mai 2026. Gerichtsstand ist Köln.
=== Contracts / Contract
买卖合同
甲方:青山公司
乙方:白水公司
双方协议如下。
=== Letters / Letter
12 May 2026
Dear Ms Lind,
Thank you for your visit to our workshop last week.
Yours sincerely,
Tom Ek
=== Letters / Letter
Betreff: Ihr Besuch
Sehr geehrte Frau Lind,
vielen Dank für Ihren Besuch bei uns.
Mit freundlichen Grüßen
Tom Ek
=== CVs and applications / Curriculum vitae
Curriculum Vitae
Mia Stone
Work experience
2019 Baker
Education
Skills
Languages
=== CVs and applications / Curriculum vitae
Lebenslauf
Mia Stein
Berufserfahrung
Ausbildung
Kenntnisse
=== CVs and applications / Curriculum vitae
이력서
김민수
학력
경력
기술
=== Meeting minutes / Meeting minutes
Minutes of the board meeting
Attendees: A, B
Action items
The motion was seconded. Next meeting: June.
=== Meeting minutes / Meeting minutes
Procès-verbal
Étaient présents : A, B
Ordre du jour
La séance est ouverte.
=== Manuals / Manual
User Manual
Safety instructions
Press the button to connect the device.
Troubleshooting
=== Reports / Annual report
Annual Report 2025
Executive summary
Revenue and growth in the fiscal year. Key findings follow.
=== Receipts / Receipt
Kassenbon
Markt am Tor
SUMME EUR 4,20
Geg. BAR EUR 5,00
Rückgeld BAR EUR 0,80
04.12.2025 11:26
=== Quotes and orders / Quote
Kostenvoranschlag
Angebotsnummer 7
Gültig bis 01.09.2026
Gesamtbetrag 300,00 €
=== Quotes and orders / Purchase order
PURCHASE ORDER
PO number 55
Buyer: Alder Ltd
Total 90.00 USD
=== Delivery notes / Delivery note
Lieferschein Nr. 9
Lieferadresse: Köln
3 Packstücke
=== Payslips / Payslip
Payslip May 2026
Gross pay 3,000.00
Deductions 800.00
Net pay 2,200.00
=== Bank statements / Bank statement
Kontoauszug 5/2026
Alter Saldo 100,00
Neuer Saldo 90,00
=== Certificates / Certificate
CERTIFICATE OF COMPLETION
This is to certify that Mia Stone has successfully completed the course.
=== Forms / Form
Registration form
Please fill in all fields.
First name:
Last name:
Date of birth:
Signature:
"""


def kinds() -> list[tuple[str, str, str]]:
    """Category, document type and text of each block of `KINDS`."""
    blocks = (block.partition("\n") for block in KINDS.strip().removeprefix("=== ").split("\n=== "))
    return [(*head.split(" / ", 1), text) for head, _, text in blocks]  # type: ignore[misc]


@pytest.mark.parametrize(("category", "document_type", "text"), kinds())
def test_tells_kinds_apart_by_their_words(category: str, document_type: str, text: str) -> None:
    result = analyze(text)
    assert (result.category, result.document_type) == (category, document_type)


@pytest.mark.parametrize(
    ("mime_type", "category"),
    [
        ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "Presentations"),
        ("text/csv", "Spreadsheets"),
        ("message/rfc822", "E-mails"),
    ],
)
def test_file_type_speaks_for_a_kind(mime_type: str, category: str) -> None:
    assert analyze("Plain words about the weather", mime_type=mime_type).category == category


def test_name_decides_only_where_there_is_nothing_else() -> None:
    assert analyze("", name="Rechnung 12.pdf").category == "Invoices"
    assert analyze(kinds()[0][2], name="invoice.pdf").category == "Contracts"


def test_nothing_known_is_other() -> None:
    result = analyze("Four pounds of lentils and three litres of water boil slowly for one hour on a low flame.")
    assert (result.category, result.document_type) == (OTHER, "Document")


def test_mail_names_sender_and_recipient() -> None:
    text = (
        "From: Eva Holm <eva@holm.example>\n"
        "To: Tom Ek <tom@ek.example>\n"
        "Date: Tue, 06 Jan 2026 09:00:00 +0100\n"
        "Subject: Lunch\n"
        "\n"
        "Shall we meet at noon?"
    )
    result = analyze(text, mime_type="message/rfc822")
    assert result.parties == ("Eva Holm", "Tom Ek")
    assert result.dates.issued == date(2026, 1, 6)
    assert result.summary.startswith('E-mail from Eva Holm to Tom Ek, dated 2026-01-06: "Lunch".')


def test_contract_names_both_parties_and_its_end() -> None:
    text = (
        "Service Agreement\n"
        "This Agreement is made on March 3, 2026 between Alder Works Ltd, London, and Birch Inc., New York.\n"
        "The parties agree as follows. Valid until 31 December 2027."
    )
    result = analyze(text)
    assert result.parties[:2] == ("Alder Works Ltd", "Birch Inc.")
    assert (result.dates.issued, result.dates.expires) == (date(2026, 3, 3), date(2027, 12, 31))
    assert result.summary.startswith("Service agreement between Alder Works Ltd and Birch Inc.")


def test_summary_takes_sentences_not_tables() -> None:
    text = (
        "Quarterly Report\n"
        "1 2 3 4 5 6 7 8\n"
        "12.5 99.1 10.0\n"
        "Sales of bread rose in every region during the spring quarter.\n"
        "North 1,200 South 900\n"
        "The new ovens cut energy use and made bread cheaper to bake."
    )
    summary = analyze(text).summary
    assert summary.startswith('Report: "Quarterly Report".')
    assert "Sales of bread rose in every region during the spring quarter." in summary
    assert "12.5" not in summary


def test_columns_of_labels_and_values_are_joined() -> None:
    before = (
        "INVOICE\n"
        "Alder Ltd\n"
        "Jan 5, 2026\n"
        "Feb 4, 2026\n"
        "Date:\n"
        "Due Date:\n"
        "$100.00\n"
        "$7.00\n"
        "$107.00\n"
        "Subtotal:\n"
        "Tax:\n"
        "Total:"
    )
    after = (
        "INVOICE\n"
        "Alder Ltd\n"
        "Date:\n"
        "Due Date:\n"
        "Jan 5, 2026\n"
        "Feb 4, 2026\n"
        "Subtotal:\n"
        "Tax:\n"
        "Total:\n"
        "$100.00\n"
        "$7.00\n"
        "$107.00"
    )
    for text in (before, after):
        result = analyze(text)
        assert (result.dates.issued, result.dates.due) == (date(2026, 1, 5), date(2026, 2, 4))
        assert [(each.label, each.minor_units) for each in result.amounts] == [
            ("Total", 10_700),
            ("Net", 10_000),
            ("Tax", 700),
        ]
