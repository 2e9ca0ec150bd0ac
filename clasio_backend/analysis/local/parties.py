"""Names of companies and people that a document is from, for, or between."""

import re
from collections import Counter
from dataclasses import dataclass

from clasio_backend.analysis.analyzer import MAX_PARTIES, MAX_PARTY
from clasio_backend.analysis.local.companies import company_names
from clasio_backend.analysis.local.document import Document
from clasio_backend.analysis.local.party_words import (
    ACCOUNT_HOLDER,
    BETWEEN,
    CLOSINGS,
    FREE_MAIL,
    FROM_LABELS,
    LABEL_WORDS,
    LEGAL_FORMS,
    NAME_LABELS,
    NOT_A_NAME,
    NOT_A_PARTY,
    SENDER_MARKS,
    TO_LABELS,
)
from clasio_backend.analysis.words import fold, folded_words, one_line

_DOMAIN = re.compile(
    r"(?:@|www\.|https?://(?:www\.)?)([a-z0-9-]{2,40})\.[a-z]{2,10}"
    r"|(?<![\w.@-])([a-z0-9-]{3,40})\.(?:com|net|org|eu|de|at|ch|fr|be|nl|es|it|pl|co\.uk)(?![\w.])"
)
_MAIL_NAME = re.compile(r"^[\"']?([^<>\"@]{2,80})[\"']?\s?<")
_PART_END = re.compile(r"\s[-\u2013·●•]\s|[|·●•;(\[<\t]|\s{3}")
_SENDER_LINE = re.compile(
    r"^([^,·●•|]{3,60}?)\s?(?:,|·|●|•|\||\s-\s).{3,80}(?:,|·|●|•|\||\s-\s).{0,20}\b(?!19\d\d|20\d\d)\d{4,5}\b"
)
_NEXT_LABEL = re.compile(r"\s\S{1,20}:")
_TITLE_AT_END = re.compile(
    r"\s+(?:tax invoice|invoice|receipt|rechnung|facture|factuur|factura|faktura|fattura)$", re.IGNORECASE
)
_PLACEHOLDER = re.compile(r"[{}\[\]_<>=@:]|\.{4}")
_EDGE = " \t.,;:-\u2013—|*\"'“”„«»()#·●•/"
_MAX_LINES = 500
_HEAD = 8
_LETTERHEAD_WORDS = 6
_SURE = 3
_NO_NAMES = NOT_A_NAME.union(CLOSINGS)
_SENDER = 2
_FIRST_PARTY = 8
_ARTICLES = frozenset(("the", "of", "and", "und", "et", "en", "y", "e", "&"))
_LOOK_BELOW = 4
_SMALL_WORDS = frozenset(
    ("&", "and", "und", "et", "en", "y", "e", "de", "du", "des", "der", "von", "van", "di", "la", "le", "of", "the")
)


@dataclass(frozen=True, slots=True)
class Parties:
    """`names` begins with the sender and the recipient where they are known."""

    names: tuple[str, ...] = ()
    sender: str | None = None
    recipient: str | None = None


class _Names:
    """Candidates with how surely each is the sender, in the order in which they were met."""

    def __init__(self) -> None:
        self.scores: Counter[str] = Counter()
        self.spelling: dict[str, str] = {}
        self.recipients: dict[str, None] = {}

    def add(self, name: str, score: int, *, recipient: bool = False) -> bool:
        clean = one_line(_cut(name), MAX_PARTY)
        if not is_name(clean):
            return False
        key = name_key(clean)
        self.spelling.setdefault(key, clean)
        self.scores[key] += score
        if recipient:
            self.recipients[key] = None
        return True

    def ranked(self) -> Parties:
        """The sender first, then those it is for, then the others by score; each name once, in its longest form."""
        order = sorted(self.spelling, key=lambda key: (key in self.recipients, -self.scores[key]))
        sender = next((key for key in order if key not in self.recipients and self.scores[key] >= _SENDER), None)
        kept: list[str] = []
        for key in [*([sender] if sender else []), *self.recipients, *order]:
            twin = next((each for each in kept if each.startswith(key) or key.startswith(each)), None)
            if twin is None:
                kept.append(key)
            elif len(self.spelling[key]) > len(self.spelling[twin]) and _ends_as_company(self.spelling[key]):
                self.spelling[twin] = self.spelling[key]
        recipient = next((key for key in self.recipients if key in kept), None)
        return Parties(
            names=tuple(self.spelling[key] for key in kept[:MAX_PARTIES]),
            sender=self.spelling[sender] if sender else None,
            recipient=self.spelling[recipient] if recipient else None,
        )


def _cut(name: str) -> str:
    """A name without what follows it: an address, a bracket, or the next label of the same line."""
    part = _PART_END.split(_NEXT_LABEL.split(name.strip(), maxsplit=1)[0], maxsplit=1)[0]
    head, _, rest = part.partition(", ")
    if any(char.isdigit() for char in rest):
        part = head
    clean = part.strip(_EDGE)
    # "B.V." keeps its last dot, "Inc." too.
    return clean + "." if part.strip().startswith(clean + ".") and clean.split()[-1:] and _is_dotted(clean) else clean


def _is_dotted(name: str) -> bool:
    last = name.rsplit(maxsplit=1)[-1]
    return "." in last or last in {"Inc", "Ltd", "Corp", "Co"}


def find_parties(document: Document, *, letterhead: bool) -> Parties:
    """The sender, seller or first party first, then the one it is for, then others.

    `letterhead` also takes the first line that looks like a name (invoices, receipts, letters).
    """
    names = _Names()
    lines, folded = document.lines[:_MAX_LINES], document.folded[:_MAX_LINES]
    _add_labelled(names, lines, folded)
    _add_between(names, document)
    _add_companies(names, lines, folded)
    _add_by_domain(names, lines, folded)
    if letterhead:
        _add_letterhead(names, lines, folded)
    return names.ranked()


def mail_parties(document: Document) -> Parties:
    """The names, or else the addresses, in the header of an e-mail: its sender first."""
    found: dict[str, None] = {}
    for line, plain in zip(document.lines[:_HEAD], document.folded[:_HEAD], strict=True):
        value = line.split(":", 1)[-1] if ":" in line else ""
        if plain.startswith(("from:", "to:", "von:", "an:", "de:", "a:", "van:", "aan:")) and value:
            for person in value.split(","):
                name = _MAIL_NAME.match(person.strip())
                found[one_line((name[1] if name else person).strip(_EDGE), MAX_PARTY)] = None
    names = tuple(each for each in found if each)[:MAX_PARTIES]
    return Parties(names, sender=next(iter(names), None), recipient=names[1] if len(names) > 1 else None)


def name_key(name: str) -> str:
    """For comparing: folded letters and digits without the legal form ("Kraxi GmbH" and "KRAXI" are one)."""
    words = [word for word in name.split() if word.strip(".,") not in LEGAL_FORMS] or name.split()
    return "".join(char for char in fold(" ".join(words)) if char.isalnum()) or fold(name)


def is_name(text: str) -> bool:
    """Looks like a name: few words, mostly letters, each with a capital, no placeholder, no heading."""
    words = text.split()
    if not 2 <= len(text) <= MAX_PARTY or len(words) > 9 or _PLACEHOLDER.search(text) or fold(text) in _NO_NAMES:
        return False
    letters = sum(char.isalpha() for char in text)
    if letters < max(2, 3 * sum(char.isdigit() for char in text)):
        return False
    if _ends_as_company(text) and len(words) > 1:
        return True
    if words[0][0].islower() and fold(words[0]) not in _SMALL_WORDS - _ARTICLES:
        return False
    capitals = sum(word[0].isupper() or not word[0].isascii() or word[0].isdigit() for word in words)
    small = sum(word.lower() in _SMALL_WORDS for word in words)
    return capitals > 0 and capitals + small >= len(words) - 1


def _ends_as_company(name: str) -> bool:
    return name.rsplit(maxsplit=1)[-1].rstrip(".,") in LEGAL_FORMS


def _add_labelled(names: _Names, lines: tuple[str, ...], folded: tuple[str, ...]) -> None:
    for index, plain in enumerate(folded):
        label = plain.partition(":")[0].strip(" .*")
        recipient = label in TO_LABELS
        if not recipient and label not in FROM_LABELS:
            continue
        value = lines[index].partition(":")[2].strip()
        # One small word alone ("A", "De") is a label only before a colon.
        if not value and len(label) < 4 and ":" not in plain:
            continue
        below = [_after_name_label(line) for line in lines[index + 1 : index + 1 + _LOOK_BELOW]]
        candidates = [value, *below[:2]] if value else below
        candidates = [each for each in candidates if not each[:1].isdigit() and not _has_label_word(each)]
        for candidate in candidates:
            if names.add(candidate, -2 if recipient else 6, recipient=recipient):
                break


def _after_name_label(line: str) -> str:
    start = fold(line[:30])
    if start.startswith(NAME_LABELS):
        return line.partition(":")[2].strip()
    return "" if ":" in line else line


def _add_between(names: _Names, document: Document) -> None:
    """Both parties of "between X and Y": what stands before the first comma or bracket of each part."""
    start = " ".join(document.lines[:40])[:3_000].replace("*", "")
    plain = start.lower()
    for opening, joining in BETWEEN:
        begin = plain.find(opening)
        if begin < 0:
            continue
        first = start[begin + len(opening) : begin + 400]
        if not _add_party(names, first, _FIRST_PARTY):
            continue
        middle = first.lower().find(joining, 3)
        while middle >= 0:
            if _add_party(names, first[middle + len(joining) :], 4):
                break
            middle = first.lower().find(joining, middle + 1)


def _add_party(names: _Names, text: str, score: int) -> bool:
    company = next(iter(company_names(text[:120])), "")
    name = company if company and text.startswith(company[:4]) else re.split(r"[,(;“„\"]", text, maxsplit=1)[0]
    return NOT_A_PARTY.isdisjoint(folded_words(name).split()) and names.add(name, score, recipient=score < _FIRST_PARTY)


def _add_companies(names: _Names, lines: tuple[str, ...], folded: tuple[str, ...]) -> None:
    seen: Counter[str] = Counter()
    for index, line in enumerate(lines):
        for name in company_names(line):
            key = name_key(name)
            seen[key] += 1
            near = " ".join(folded[max(0, index - 3) : index + 6])
            marked = any(mark in near for mark in SENDER_MARKS)
            head = 2 if index < 3 else 0
            names.add(name, 1 + head + (2 if marked else 0) if seen[key] <= 3 else 0)


def _add_by_domain(names: _Names, lines: tuple[str, ...], folded: tuple[str, ...]) -> None:
    """Lines and words spelled like the document's own web or mail domain ("Blue Sky", blue-sky.com)."""
    domains = {(first or second).replace("-", ""): None for line in folded for first, second in _DOMAIN.findall(line)}
    own = tuple(domain for domain in domains if domain not in FREE_MAIL and len(domain) > 2)
    if not own:
        return
    for line in lines:
        if len(line) > 60 or len(line.split()) > 6 or any(char.isdigit() for char in line):
            continue
        key = name_key(_TITLE_AT_END.sub("", line))
        if len(key) > 2 and any(key == domain or (len(domain) > 4 and key.startswith(domain)) for domain in own):
            names.add(_TITLE_AT_END.sub("", line), 3)
    words = {fold(word): word for line in lines for word in line.split() if word[0].isupper() and word.isalnum()}
    for domain in own:
        if domain in words:
            names.add(words[domain], 2)


def _add_letterhead(names: _Names, lines: tuple[str, ...], folded: tuple[str, ...]) -> None:
    for line in lines[:60]:
        match = _SENDER_LINE.match(line)
        if match and not _has_label_word(match[1]):
            names.add(match[1], 4)
            break
    for index, plain in enumerate(folded):
        holder = next((plain.find(each) for each in ACCOUNT_HOLDER if each in plain), -1)
        if holder >= 0:
            names.add(lines[index][holder:].partition(":")[2], 3)
        elif plain.rstrip(" ,.") in CLOSINGS and index + 1 < len(lines):
            names.add(lines[index + 1], 2)
    if max(names.scores.values(), default=0) >= _SURE:
        return
    for index, line in enumerate(lines[:_HEAD]):
        plain = _cut(_TITLE_AT_END.sub("", line))
        short = len(plain.split()) <= _LETTERHEAD_WORDS and not any(char.isdigit() for char in plain)
        if short and not _has_label_word(plain) and names.add(plain, 2 if index < 3 else 1):
            break


def _has_label_word(line: str) -> bool:
    return not LABEL_WORDS.isdisjoint(folded_words(line).split())
