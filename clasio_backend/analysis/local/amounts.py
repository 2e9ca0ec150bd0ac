"""Totals of invoices, receipts and the like: labelled sums with their currency, in smallest units."""

from collections import Counter
from dataclasses import dataclass

from clasio_backend.analysis.analyzer import MAX_MINOR_UNITS, Amount
from clasio_backend.analysis.currencies import to_minor_units
from clasio_backend.analysis.local.amount_words import AMOUNT_LABEL_OF, AMOUNT_LABELS, AmountLabel
from clasio_backend.analysis.local.document import Document
from clasio_backend.analysis.local.money import Money, common_sign, currency_of, money_in

_LOOK_BELOW = 3  # lines after a label that stands alone
_LONG_LINE = 60  # in longer ones a number without decimals is part of a sentence
_ORDER: tuple[AmountLabel, ...] = ("Total", "Amount due", "Net", "Tax", "Paid")


@dataclass(frozen=True, slots=True)
class _Labelled:
    label: AmountLabel
    strength: float
    money: Money


def find_amounts(document: Document, *, guess: bool = False) -> tuple[Amount, ...]:
    """The document's labelled totals, the gross total first.

    Without any label, with `guess` (for kinds that have a total) the largest sum that stands at least twice, or
    else the largest one.
    """
    best: dict[AmountLabel, _Labelled] = {}
    for index, line in enumerate(document.folded):
        for found in _labelled(document, index, line):
            other = best.get(found.label)
            # Of equals the larger sum: columns of parts are smaller than what they add up to.
            if other is None or (found.strength, abs(found.money.value)) > (other.strength, abs(other.money.value)):
                best[found.label] = found
    sums = {label: found.money for label, found in best.items()}
    _drop_nonsense(sums)
    if guess and "Total" not in sums and "Amount due" not in sums and (largest := _largest(document)):
        sums["Total"] = largest
    common = common_sign(document.text)
    amounts = (_amount(label, sums[label], common, document.language) for label in _ORDER if label in sums)
    return tuple(each for each in amounts if each)


def _labelled(document: Document, index: int, line: str) -> list[_Labelled]:
    """The sums of a line with the label before them; a label alone looks at the next short lines."""
    labels = [(match.start(), match.end(), *AMOUNT_LABEL_OF[match[0]]) for match in AMOUNT_LABELS.finditer(line)]
    if not labels:
        return []
    sums = [money for money in money_in(line, document.language) if money.sure or len(line) < _LONG_LINE]
    if not sums:
        _, end, label, strength = labels[-1]
        alone = label is not None and labels[0][0] < 2 and not any(char.isalnum() for char in line[end:])
        below = _below(document, index) if alone else None
        return [_Labelled(label, strength - 0.5, below)] if label is not None and below else []
    out: list[_Labelled] = []
    for position, (_, end, label, strength) in enumerate(labels):
        limit = labels[position + 1][0] if position + 1 < len(labels) else len(line)
        # "Total incl. VAT 12.00": the weak word qualifies the label before it.
        if position + 1 < len(labels) and labels[position + 1][3] == 1:
            limit = labels[position + 2][0] if position + 2 < len(labels) else len(line)
        between = [money for money in sums if end <= money.start < limit]
        qualifies = position > 0 and strength == 1 and not any(labels[position - 1][1] <= m.start < end for m in sums)
        if label is None or not between or qualifies or (label == "Tax" and strength == 1 and len(between) > 1):
            continue
        # Of net, tax and gross in one row, gross is the last.
        out.append(_Labelled(label, strength, between[-1]))
    return out


def _below(document: Document, index: int) -> Money | None:
    for line in document.folded[index + 1 : index + 1 + _LOOK_BELOW]:
        if len(line) > 30 or AMOUNT_LABELS.search(line):
            return None
        if sums := [money for money in money_in(line, document.language) if money.sure]:
            return sums[0]
    return None


def _drop_nonsense(sums: dict[AmountLabel, Money]) -> None:
    """Take out what cannot be: a total below its net or below what is due (then it was a column's name)."""
    total = sums.get("Total")
    floor = max((abs(sums[label].value) for label in ("Net", "Amount due") if label in sums), default=None)
    if total is not None and floor is not None and abs(total.value) < floor and "Amount due" in sums:
        del sums["Total"]
    whole = sums.get("Total") or sums.get("Amount due")
    if whole is not None and "Tax" in sums and abs(sums["Tax"].value) >= abs(whole.value):
        del sums["Tax"]


def _largest(document: Document) -> Money | None:
    every = (money for line in document.folded for money in money_in(line, document.language))
    sums = [money for money in every if money.sure and money.value > 0]
    if not sums:
        return None
    counts = Counter(money.value for money in sums)
    twice = [money for money in sums if counts[money.value] > 1]
    return max(twice or sums, key=lambda money: money.value)


def _amount(label: AmountLabel, money: Money, common: str | None, language: str | None) -> Amount | None:
    currency = currency_of(money.sign or common, language)
    minor_units = to_minor_units(money.value, currency)
    if abs(minor_units) > MAX_MINOR_UNITS:
        return None
    return Amount(label=label, minor_units=minor_units, currency=currency)
