"""Names of companies and people that a document is from, for, or between."""

import re
from collections import Counter

from clasio_backend.analysis.analyzer import MAX_PARTIES, MAX_PARTY
from clasio_backend.analysis.local.companies import company_names
from clasio_backend.analysis.local.document import Document
from clasio_backend.analysis.local.party_words import (
    BETWEEN,
    CLOSINGS,
    FREE_MAIL,
    FROM_LABELS,
    LEGAL_FORMS,
    NAME_LABELS,
    NOT_A_NAME,
    SENDER_MARKS,
    TO_LABELS,
)
from clasio_backend.analysis.words import fold, one_line

_DOMAIN = re.compile(r"(?:@|www\.|https?://(?:www\.)?)([a-z0-9-]{2,40})\.[a-z]{2,10}")
_MAIL_NAME = re.compile(r"^[\"']?([^<>\"@]{2,80})[\"']?\s?<")
_PART_END = re.compile(r"\s[-–·●•]\s|[|·●•;(\[<\t]|\s{3}")
_SENDER_LINE = re.compile(r"^([^,·●•|]{3,60}?)\s?(?:,|·|●|•|\||\s-\s).{3,80}(?:,|·|●|•|\||\s-\s).{0,20}\b\d{4,5}\b")
_TITLE_AT_END = re.compile(
    r"\s+(?:tax invoice|invoice|receipt|rechnung|facture|factuur|factura|faktura|fattura)$", re.IGNORECASE
)
_PLACEHOLDER = re.compile(r"[{}\[\]_<>=@]|\.{4}")
_EDGE = " \t.,;:-–—|*\"'“”„«»()#·●•/"
_MAX_LINES = 500
_HEAD = 8
_SMALL_WORDS = frozenset(
    ("&", "and", "und", "et", "en", "y", "e", "de", "du", "des", "der", "von", "van", "di", "la", "le", "of", "the")
)


class _Names:
    """Candidates with how surely each is the sender, in the order in which they were met."""

    def __init__(self) -> None:
        self.scores: Counter[str] = Counter()
        self.spelling: dict[str, str] = {}
        self.recipients: dict[str, None] = {}

    def add(self, name: str, score: int, *, recipient: bool = False) -> bool:
        clean = one_line(_PART_END.split(name.strip(), maxsplit=1)[0].strip(_EDGE), MAX_PARTY)
        if not is_name(clean):
            return False
        key = name_key(clean)
        self.spelling.setdefault(key, clean)
        self.scores[key] += score
        if recipient:
            self.recipients[key] = None
        return True

    def ranked(self) -> tuple[str, ...]:
        """The sender first, then those it is for, then the others by score."""
        senders = sorted(
            (key for key in self.spelling if key not in self.recipients), key=lambda key: self.scores[key], reverse=True
        )
        order = [*senders[:1], *self.recipients, *senders[1:]]
        return tuple(self.spelling[key] for key in order[:MAX_PARTIES])


def find_parties(document: Document, *, letterhead: bool) -> tuple[str, ...]:
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


def mail_parties(document: Document) -> tuple[str, ...]:
    """The names, or else the addresses, in the header of an e-mail: its sender first."""
    found: dict[str, None] = {}
    for line, plain in zip(document.lines[:_HEAD], document.folded[:_HEAD], strict=True):
        label, _, value = line.partition(":")
        if plain.startswith(("from:", "to:", "von:", "an:", "de:", "a:", "van:", "aan:")) and value:
            for person in value.split(","):
                name = _MAIL_NAME.match(person.strip())
                found[one_line((name[1] if name else person).strip(_EDGE), MAX_PARTY)] = None
    return tuple(each for each in found if each)[:MAX_PARTIES]


def name_key(name: str) -> str:
    """For comparing: folded letters and digits without the legal form ("Kraxi GmbH" and "KRAXI" are one)."""
    words = [word for word in name.split() if word.strip(".,") not in LEGAL_FORMS] or name.split()
    return "".join(char for char in fold(" ".join(words)) if char.isalnum()) or fold(name)


def is_name(text: str) -> bool:
    """Looks like a name: few words, mostly letters, each with a capital, no placeholder, no heading."""
    words = text.split()
    if not 2 <= len(text) <= MAX_PARTY or len(words) > 9 or _PLACEHOLDER.search(text) or fold(text) in NOT_A_NAME:
        return False
    letters = sum(char.isalpha() for char in text)
    if letters < 2 or letters < sum(char.isdigit() for char in text):
        return False
    capitals = sum(word[0].isupper() or not word[0].isascii() or word[0].isdigit() for word in words)
    small = sum(word.lower() in _SMALL_WORDS for word in words)
    return capitals > 0 and capitals + small >= len(words) - 1


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
        candidates = [value] if value else [_after_name_label(line) for line in lines[index + 1 : index + 3]]
        for candidate in candidates:
            if names.add(candidate, -2 if recipient else 6, recipient=recipient):
                break


def _after_name_label(line: str) -> str:
    start = fold(line[:30])
    return line.partition(":")[2].strip() if start.startswith(NAME_LABELS) else line


def _add_between(names: _Names, document: Document) -> None:
    """Both parties of "between X and Y": what stands before the first comma or bracket of each part."""
    start = " ".join(document.lines[:40])[:3_000].replace("*", "")
    plain = start.lower()
    for opening, joining in BETWEEN:
        begin = plain.find(opening)
        if begin < 0:
            continue
        first = start[begin + len(opening) : begin + 400]
        names.add(_party(first), 8)
        middle = first.lower().find(joining, 3)
        while middle >= 0:
            if names.add(_party(first[middle + len(joining) :]), 4):
                break
            middle = first.lower().find(joining, middle + 1)


def _party(text: str) -> str:
    words = re.split(r"[,(;“„\"]", text, maxsplit=1)[0]
    company = next(iter(company_names(text[:120])), "")
    return company if company and text.startswith(company[:4]) else words


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
    """A short line that is spelled like the document's own web or mail domain ("Azure Interior", azure-interior.com)."""
    domains = Counter(match.replace("-", "") for line in folded for match in _DOMAIN.findall(line))
    own = tuple(domain for domain in domains if domain not in FREE_MAIL and len(domain) > 2)
    if not own:
        return
    for line in lines:
        if len(line) > 60 or len(line.split()) > 6:
            continue
        key = name_key(_TITLE_AT_END.sub("", line))
        if len(key) > 2 and any(key == domain or (len(domain) > 4 and key.startswith(domain)) for domain in own):
            names.add(_TITLE_AT_END.sub("", line), 3)


def _add_letterhead(names: _Names, lines: tuple[str, ...], folded: tuple[str, ...]) -> None:
    for index, line in enumerate(lines[:_HEAD]):
        plain = _TITLE_AT_END.sub("", line)
        if (
            not any(char.isdigit() for char in plain)
            and len(plain.split()) <= 6
            and names.add(plain, 2 if index < 3 else 1)
        ):
            break
    for line in lines[:60]:
        if match := _SENDER_LINE.match(line):
            names.add(match[1], 4)
            break
    for index, plain in enumerate(folded[:-1]):
        if plain.rstrip(" ,.") in CLOSINGS:
            names.add(lines[index + 1], 2)
