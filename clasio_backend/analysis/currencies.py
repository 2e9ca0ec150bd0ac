"""Currencies: their codes, the signs that stand for them, and their smallest units (ISO 4217)."""

from decimal import ROUND_HALF_UP, Decimal

# Those that people meet on documents; another three capital letters are not taken for a currency.
_CODES = """
    AED ARS AUD BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP GEL HKD HRK HUF IDR ILS INR ISK JOD JPY KES KRW
    KWD KZT MAD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD UYU VND
    XAF XOF ZAR
"""
CODES = frozenset(_CODES.split())
_WITHOUT_DECIMALS = frozenset(["CLP", "ISK", "JPY", "KRW", "VND", "XAF", "XOF"])
_THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])

SIGNS: dict[str, str] = {
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "rs": "INR",
    "rs.": "INR",
    "zł": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "lei": "RON",
    "₩": "KRW",
    "원": "KRW",
    "₺": "TRY",
    "₽": "RUB",
    "₴": "UAH",
    "₪": "ILS",
    "฿": "THB",
    "円": "JPY",
    "元": "CNY",
    "us$": "USD",
    "a$": "AUD",
    "c$": "CAD",
    "r$": "BRL",
    "hk$": "HKD",
    "fr.": "CHF",
    "sfr.": "CHF",
    "euro": "EUR",
}
# Signs that several countries share: the language of the document decides, else the first.
SHARED_SIGNS: dict[str, dict[str, str]] = {
    "$": {"": "USD"},
    "¥": {"": "JPY", "zh": "CNY"},
    "kr": {"sv": "SEK", "da": "DKK", "no": "NOK"},
    "kr.": {"da": "DKK", "sv": "SEK", "no": "NOK"},
}


def decimals_of(currency: str | None) -> int:
    """How many decimals a currency's amounts have; two when it is unknown."""
    if currency in _WITHOUT_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def to_minor_units(value: Decimal, currency: str | None) -> int:
    """`value` in the currency's smallest unit, halves rounded away from zero."""
    return int(value.scaleb(decimals_of(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def in_words(minor_units: int, currency: str | None) -> str:
    """For sentences: 12750, "USD" gives "127.50 USD"."""
    decimals = decimals_of(currency)
    amount = f"{Decimal(minor_units).scaleb(-decimals):.{decimals}f}"
    return f"{amount} {currency}" if currency else amount
