import pytest

from clasio_backend.analysis.analyzer import OTHER
from clasio_backend.analysis.categories import category_for_kind, category_for_type, kinds_of
from clasio_backend.analysis.kinds import Kind
from clasio_backend.organizations.defaults import DEFAULT_CATEGORIES


def test_default_categories_hold_every_kind_once() -> None:
    assert len(set(DEFAULT_CATEGORIES)) == len(DEFAULT_CATEGORIES)
    homes = {kind: category_for_kind(kind, DEFAULT_CATEGORIES) for kind in Kind}
    assert OTHER not in homes.values()
    assert set(homes.values()) == set(DEFAULT_CATEGORIES)


@pytest.mark.parametrize(
    ("kind", "names", "expected"),
    [
        (Kind.INVOICE, ("Verträge", "Rechnungen"), "Rechnungen"),
        (Kind.INVOICE, ("Lohnabrechnungen", "Eingangsrechnungen"), "Eingangsrechnungen"),
        (Kind.PAYSLIP, ("Rechnungen", "Lohnabrechnungen"), "Lohnabrechnungen"),
        (Kind.CONTRACT, ("Letters", "MIETVERTRÄGE"), "MIETVERTRÄGE"),
        (Kind.INVOICE, ("Contrats", "Factures fournisseurs"), "Factures fournisseurs"),
        (Kind.INVOICE, ("Umowy", "Faktury"), "Faktury"),
        (Kind.CONTRACT, ("发票", "合同"), "合同"),
        (Kind.MINUTES, ("Comptes rendus", "Courriers"), "Comptes rendus"),
        (Kind.BANK_STATEMENT, ("Relevés bancaires",), "Relevés bancaires"),
        (Kind.INVOICE, ("Invoices and receipts", "Invoices"), "Invoices"),
        (Kind.INVOICE, ("Incoming invoices", "Outgoing invoices"), "Incoming invoices"),
        (Kind.FORM, ("Information", "Platforms", "Formats"), OTHER),
        (Kind.INVOICE, (), OTHER),
    ],
)
def test_kind_meets_the_organizations_own_names(kind: Kind, names: tuple[str, ...], expected: str) -> None:
    assert category_for_kind(kind, names) == expected


@pytest.mark.parametrize(
    ("document_type", "names", "expected"),
    [
        ("Invoice", ("Rechnungen", "Briefe"), "Rechnungen"),
        ("Non-disclosure agreement", ("Contracts",), "Contracts"),
        ("Mietvertrag", ("Contracts",), "Contracts"),
        ("site photos", ("Site Photos", "Reports"), "Site Photos"),
        ("Recipe", ("Invoices",), OTHER),
        ("", ("Invoices",), OTHER),
    ],
)
def test_free_type_meets_the_organizations_own_names(document_type: str, names: tuple[str, ...], expected: str) -> None:
    assert category_for_type(document_type, names) == expected


def test_longest_stem_is_the_surest() -> None:
    assert kinds_of("Lohnabrechnungen")[0] is Kind.PAYSLIP
    assert kinds_of("Photos") == ()
