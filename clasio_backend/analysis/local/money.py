"""Sums of money in a line, with their sign and currency, in both ways of writing decimals."""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from clasio_backend.analysis.currencies import CODES, SHARED_SIGNS, SIGNS
from clasio_backend.analysis.words import fold

# Looked for only around numbers, so that a long text without numbers costs nothing. Folded, as the lines are.
_SIGNS = {fold(sign): code for sign, code in SIGNS.items()}
# Folded, these codes are words of some language; in capitals `common_sign` still finds them.
_ALSO_WORDS = frozenset(("ALL", "COP", "ILS", "MAD", "PEN", "SAR", "TRY"))
_BY_LENGTH = sorted([*_SIGNS, *SHARED_SIGNS, *map(str.lower, CODES - _ALSO_WORDS)], key=lambda each: (-len(each), each))
_SIGN = "|".join(map(re.escape, _BY_LENGTH))
# A number that goes on after its end is a date, a version or a telephone number.
_NUMBER = re.compile(r"(?<![\w.,/'])\d{1,12}(?:[.,']\d{3}){0,5}(?:[.,]\d{1,4})?(?![\d/:]|[.,']\d)")
_SPACED_NUMBER = re.compile(r"(?<![\w.,/'])\d{1,12}(?:[.,' ]\d{3}){0,5}(?:[.,]\d{1,4})?(?![\d/:]|[.,']\d)")
_BEFORE = re.compile(rf"(?:^|[^\w])({_SIGN})\s?([-\u2212]?)$|([$€£¥₹₩₺₽₴₪฿])\s?([-\u2212]?)$")
_AFTER = re.compile(rf"\s?({_SIGN})(?![^\W\d_])")
_PERCENT = re.compile(r"\s?%")
_MINUS = re.compile(r"(?:^|[\s$€£:])[-\u2212\u2013]$")
_TWO_DECIMALS = re.compile(r"[.,]\d{2}$")
_TOKEN = re.compile(r"[A-Z]{3}(?![^\W\d_])|[$€£¥₹₩₺₽₴₪฿円元원]")
# Where a space stands between thousands; elsewhere "3 573.00" is a count and a price.
_SPACED = frozenset(("fr", "pl", "cs", "sv", "fi", "no", "da", "hu", "ru", "uk", "bg", "es", "pt"))


@dataclass(frozen=True, slots=True)
class Money:
    """`sign` is a folded currency sign or code; `sure` means that this is no count, year or order number."""

    start: int
    value: Decimal
    sign: str | None
    sure: bool


def money_in(line: str, language: str | None) -> list[Money]:
    """Every number of a folded line that can be a sum; percentages, dates and parts of words are left out."""
    pattern = _SPACED_NUMBER if language in _SPACED else _NUMBER
    numbers = pattern.finditer(line)
    found = (_money(line, match) for match in numbers)
    return [each for each in found if each]


def _money(line: str, match: re.Match[str]) -> Money | None:
    if _PERCENT.match(line, match.end()):
        return None
    after = _AFTER.match(line, match.end())
    if after is None and line[match.end() : match.end() + 1].isalpha():
        return None
    left = line[max(0, match.start() - 8) : match.start()]
    before = _BEFORE.search(left)
    sign = (before[1] or before[3]) if before else after[1] if after else None
    plain_left = left[: before.start() + 1] if before and before.start() else "" if before else left
    negative = bool(before and (before[2] or before[4])) or bool(_MINUS.search(plain_left or left))
    negative = negative or (left.endswith("(") and line[match.end() : match.end() + 1] == ")")
    value = read_number(match[0])
    sure = sign is not None or _TWO_DECIMALS.search(match[0]) is not None
    return Money(match.start(), -value if negative else value, sign, sure)


def read_number(number: str) -> Decimal:
    """Read both 1.234,56 and 1,234.56: the last mark is the decimal one unless it only groups thousands."""
    plain = number.replace(" ", "").replace("'", "")
    last = max(plain.rfind("."), plain.rfind(","))
    if last < 0:
        return Decimal(plain)
    whole, fraction, mark = plain[:last], plain[last + 1 :], plain[last]
    digits = whole.replace(".", "").replace(",", "")
    other = "," if mark == "." else "."
    if len(fraction) == 3 and digits.lstrip("0") and other not in whole:
        return Decimal(digits + fraction)
    return Decimal(f"{digits or '0'}.{fraction}")


def currency_of(sign: str | None, language: str | None) -> str | None:
    """ISO code of a folded sign; a sign of several countries is read by the document's language."""
    if sign is None:
        return None
    if sign.upper() in CODES:
        return sign.upper()
    shared = SHARED_SIGNS.get(sign)
    return (shared.get(language or "") or shared.get("")) if shared else _SIGNS.get(sign)


def common_sign(text: str) -> str | None:
    """The currency sign, or the code in capitals, that a text uses most; folded."""
    counts = Counter(_TOKEN.findall(text))
    known = {found: count for found, count in counts.items() if len(found) == 1 or found in CODES}
    return max(known, key=lambda found: known[found]).lower() if known else None
