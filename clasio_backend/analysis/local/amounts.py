"""Totals of invoices, receipts and the like: labelled sums with their currency, in smallest units."""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from clasio_backend.analysis.analyzer import MAX_MINOR_UNITS, Amount
from clasio_backend.analysis.currencies import CODES, SHARED_SIGNS, SIGNS, to_minor_units
from clasio_backend.analysis.local.amount_words import AMOUNT_LABEL_OF, AMOUNT_LABELS, AmountLabel
from clasio_backend.analysis.local.document import Document

_SIGN = r"us\$|hk\$|a\$|c\$|r\$|[$€£¥₹₩₺₽₴₪฿]|sfr\.|fr\.|rs\.?|z[lł]|kc|kr\.?|ft|lei|euro|円|元|원|" + "|".join(
    code.lower() for code in sorted(CODES)
)
# At most 12 groups of digits; every part is bounded, so a long row of digits costs nothing.
_MONEY = re.compile(
    rf"(?<![\w.,/])(?P<minus>[-−–(]\s?)?(?:(?P<before>{_SIGN})\s?(?P<minus2>[-−])?)?"
    r"(?P<number>\d{1,12}(?:[.,' ]\d{3}){0,5}(?:[.,]\d{1,4})?)(?![\d/:])"
    rf"\s?(?:(?P<after>{_SIGN})(?![^\W\d_]))?(?P<percent>\s?%)?"
)
_CURRENCY = re.compile(rf"(?<![^\W\d_])(?:{_SIGN})(?![^\W\d_])")
_FOLDED_SIGNS = {"zl": "zł", "kc": "kč"}
_LOOK_BELOW = 3  # lines after a label that stands alone
_ORDER: tuple[AmountLabel, ...] = ("Total", "Amount due", "Net", "Tax", "Paid")


@dataclass(frozen=True, slots=True)
class _Money:
    start: int
    value: Decimal
    currency: str | None
    sure: bool  # has two decimals or a currency, so it is not a count, a year or a number of an order


def find_amounts(document: Document, *, guess: bool = False) -> tuple[Amount, ...]:
    """The document's labelled totals, the gross total first.

    Without any label, with `guess` (for kinds that have a total) the largest sum that stands at least twice, or
    else the largest one.
    """
    common = _common_currency(document)
    best: dict[AmountLabel, tuple[int, _Money]] = {}
    for index, line in enumerate(document.folded):
        for label, strength, money in _labelled(document.folded, index, line):
            # Totals stand at the end: of equals the last counts, but for sums that a later page repeats in parts.
            if label not in best or strength > best[label][0] or (strength == best[label][0] and label == "Net"):
                best[label] = (strength, money)
            elif strength == best[label][0] and abs(money.value) > abs(best[label][1].value):
                best[label] = (strength, money)
    if guess and "Total" not in best and "Amount due" not in best and (money_ := _largest(document)):
        best["Total"] = (0, money_)
    found = ((label, best[label][1]) for label in _ORDER if label in best)
    amounts = (_amount(label, money, money.currency or common, document.language) for label, money in found)
    return tuple(each for each in amounts if each)


def _labelled(lines: tuple[str, ...], index: int, line: str) -> list[tuple[AmountLabel, int, _Money]]:
    """The sums of a line with the label before them; a label alone looks at the next short lines."""
    labels = [(match.start(), match.end(), *AMOUNT_LABEL_OF[match[0]]) for match in AMOUNT_LABELS.finditer(line)]
    if not labels:
        return []
    sums = [money for money in _money_in(line) if money.sure or len(line) < 60]
    out: list[tuple[AmountLabel, int, _Money]] = []
    for position, (_, end, label, strength) in enumerate(labels):
        limit = labels[position + 1][0] if position + 1 < len(labels) else len(line)
        between = [money for money in sums if end <= money.start < limit]
        if not between and position == len(labels) - 1 and len(line) < 60 and not sums:
            between = _below(lines, index)
        if label is not None and between:
            # Of net, tax and gross in one row, gross is the last.
            out.append((label, strength, between[0] if label == "Tax" and len(between) == 1 else between[-1]))
    return out


def _below(lines: tuple[str, ...], index: int) -> list[_Money]:
    for line in lines[index + 1 : index + 1 + _LOOK_BELOW]:
        if len(line) > 30:
            return []
        if sums := [money for money in _money_in(line) if money.sure]:
            return sums[:1]
        if AMOUNT_LABELS.search(line):
            return []
    return []


def _money_in(line: str) -> list[_Money]:
    found: list[_Money] = []
    for match in _MONEY.finditer(line):
        if match["percent"]:
            continue
        number = match["number"]
        value = _decimal(number)
        sign = match["before"] or match["after"]
        negative = bool(match["minus2"]) or (bool(match["minus"]) and _is_minus(line, match))
        sure = sign is not None or re.search(r"[.,]\d{2}$", number) is not None
        found.append(_Money(match.start(), -value if negative else value, sign, sure))
    return found


def _is_minus(line: str, match: re.Match[str]) -> bool:
    """A dash right before the number; "Total - 12.00" is no negative total, "(12.00)" is one."""
    mark = match["minus"]
    if mark.startswith("("):
        return line[match.end() : match.end() + 1] == ")"
    return not mark.endswith(" ")


def _decimal(number: str) -> Decimal:
    """Read both 1.234,56 and 1,234.56: the last mark is the decimal one unless three digits follow it."""
    plain = number.replace(" ", "").replace("'", "")
    last = max(plain.rfind("."), plain.rfind(","))
    if last < 0:
        return Decimal(plain)
    whole, fraction = plain[:last], plain[last + 1 :]
    digits = whole.replace(".", "").replace(",", "")
    groups_only = len(fraction) == 3 and digits.lstrip("0") != "" and len(plain) - len(digits) - 3 >= 1
    if groups_only and not (("." in whole) != ("," in whole) and plain[last] not in whole):
        return Decimal(digits + fraction)
    return Decimal(f"{digits or '0'}.{fraction}")


def _largest(document: Document) -> _Money | None:
    sums = [money for line in document.folded for money in _money_in(line) if money.sure and money.value > 0]
    if not sums:
        return None
    counts = Counter(money.value for money in sums)
    twice = [money for money in sums if counts[money.value] > 1]
    return max(twice or sums, key=lambda money: money.value)


def _common_currency(document: Document) -> str | None:
    """The sign or code that the document uses most."""
    counts = Counter(match[0] for line in document.folded for match in _CURRENCY.finditer(line) if len(match[0]) != 2)
    return counts.most_common(1)[0][0] if counts else None


def _amount(label: AmountLabel, money: _Money, sign: str | None, language: str | None) -> Amount | None:
    currency = _code(sign, language)
    minor_units = to_minor_units(money.value, currency)
    if abs(minor_units) > MAX_MINOR_UNITS:
        return None
    return Amount(label=label, minor_units=minor_units, currency=currency)


def _code(sign: str | None, language: str | None) -> str | None:
    if sign is None:
        return None
    if sign.upper() in CODES:
        return sign.upper()
    sign = _FOLDED_SIGNS.get(sign, sign)
    shared = SHARED_SIGNS.get(sign)
    return (shared.get(language or "") or shared.get("")) if shared else SIGNS.get(sign)
