"""A short summary: what the document is, then its most telling sentences, in their own words."""

import re
from collections import Counter
from dataclasses import dataclass

from clasio_backend.analysis.analyzer import MAX_SUMMARY, Amount, DocumentDates
from clasio_backend.analysis.currencies import in_words
from clasio_backend.analysis.kinds import Kind
from clasio_backend.analysis.local.document import Document, paragraph_lines
from clasio_backend.analysis.local.parties import Parties
from clasio_backend.analysis.words import fold, one_line

# After a word of two letters or a closing mark, so that "1. March" and "J. Smith" stay whole; not after "Inc.".
_SENTENCE_END = re.compile(
    r"(?:(?<=[^\W\d_]{2}[.!?])|(?<=\d{4}[.!?])(?=\s+[^\W\d_a-z])|(?<=[)”\"%»][.!?])(?=\s+[^\W\d_a-z]))"
    r"(?<!Inc\.)(?<!Ltd\.)(?<!Corp\.)(?<!Co\.)(?<!No\.)(?<!Nr\.)"
    r"(?<!Mr\.)(?<!Mrs\.)(?<!Dr\.)"
    r"(?<!St\.)(?<!Art\.)(?<!e\.g\.)(?<!bzw\.)(?<!ca\.)\s+|(?<=[。])"
)
_WORD = re.compile(r"[^\W\d_]{4,}")
_FIGURES_FIRST = frozenset(
    (
        Kind.INVOICE,
        Kind.RECEIPT,
        Kind.ORDER,
        Kind.QUOTE,
        Kind.DELIVERY_NOTE,
        Kind.PAYSLIP,
        Kind.BANK_STATEMENT,
        Kind.TAX,
    )
)
_MAX_PARAGRAPHS = 400
_MAX_SENTENCES = 300
_PICK = 3
_LONGEST = 320
_WRAPPED = 55  # a shorter line that ends without a full stop is a heading
_ENDS = (".", "!", "?", ":", ";", "。")
_ITEM = re.compile(r"[-•●*◦▪]|\(?[0-9a-z]{1,2}[.)]\s")
_SUBJECT = re.compile(r"(?:subject|betreff|objet|asunto|oggetto|onderwerp|temat):", re.IGNORECASE)
_ODD = re.compile(r"[\t{}<>\[\]_|=~]|http|\.{4}")
_WITH_SENDER = _FIGURES_FIRST | {Kind.LETTER, Kind.EMAIL, Kind.RESUME}
_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the other detectors found."""

    kind: Kind | None
    document_type: str
    title: str | None
    parties: Parties
    amounts: tuple[Amount, ...]
    dates: DocumentDates


def summarize(document: Document, facts: Facts) -> str:
    """The opening sentence, then up to three of the text, or its headings; at most 600 characters."""
    parts = [opening_sentence(facts)]
    if facts.kind not in _FIGURES_FIRST:
        # Without a kind and a language the text is most likely noise of a bad scan.
        known = facts.kind is not None or document.language is not None
        parts.extend(_telling(document) or (_headings(document, facts) if known else []))
    summary = ""
    for part in parts:
        if len(summary) + len(part) + 1 > MAX_SUMMARY:
            continue
        summary = f"{summary} {part}".strip()
    return one_line(summary, MAX_SUMMARY)


def opening_sentence(facts: Facts) -> str:
    """Such as "Invoice from Kraxi GmbH to Papierflieger GmbH over 1005.55 EUR, dated 2014-07-11".

    The title follows where there is one that says more than the type.
    """
    words = [facts.document_type]
    sender, recipient = facts.parties.sender, facts.parties.recipient
    if facts.kind is Kind.CONTRACT and sender and recipient:
        words.append(f"between {sender} and {recipient}")
    elif facts.kind in _WITH_SENDER:
        words.extend([f"from {sender}"] if sender else [])
        words.extend([f"to {recipient}"] if recipient else [])
    if facts.kind in _FIGURES_FIRST:
        main = next((each for each in facts.amounts if each.label in {"Total", "Amount due"}), None)
        words.extend([f"over {in_words(main.minor_units, main.currency)}"] if main else [])
    dates = (("dated", facts.dates.issued), ("due", facts.dates.due), ("expires", facts.dates.expires))
    sentence = ", ".join([" ".join(words), *(f"{word} {value}" for word, value in dates if value)])
    if facts.title and facts.kind not in _FIGURES_FIRST and fold(facts.title) != fold(facts.document_type):
        sentence += f': "{one_line(facts.title, 90)}"'
    return sentence + "."


def document_title(document: Document, titled: str | None, kind: Kind | None) -> str | None:
    """The subject, the line that names the type, or the first line that reads like a heading."""
    if kind is Kind.EMAIL:
        return next((line.partition(":")[2].strip() for line in document.lines[:8] if _SUBJECT.match(line)), None)
    candidates = [titled] if titled else []
    candidates += document.lines[:4]
    for line in candidates:
        clean = line.strip(" .:;,|*#-\u2013\u2014")
        letters = sum(char.isalpha() for char in clean)
        heading = letters >= 3 and letters * 3 >= len(clean) * 2 and len(clean) <= 120 and not clean[0].islower()
        if heading and "@" not in clean and not clean.lower().startswith(("page ", "seite ")):
            return clean
    return None


def _telling(document: Document) -> list[str]:
    """The best sentences in the order of the text: those with the words that the document uses most."""
    sentences = [each for each in _sentences(document) if _readable(each)][:_MAX_SENTENCES]
    if not sentences:
        return []
    frequency = Counter(_WORD.findall(document.words))
    weights = {word: min(count, 12) for word, count in frequency.items() if count > 1}

    def score(item: tuple[int, str]) -> float:
        index, sentence = item
        words = set(_WORD.findall(fold(sentence)))
        centre = sum(weights.get(word, 0) for word in words) / (len(words) + 4)
        return centre + (3.0 if index == 0 else 1.5 if index < 4 else 0.0)

    best = sorted(enumerate(sentences), key=lambda item: (-score(item), item[0]))[:_PICK]
    return [sentence for _, sentence in sorted(best)]


def _sentences(document: Document) -> list[str]:
    found: dict[str, None] = {}
    for paragraph in _paragraphs(paragraph_lines(document.text)):
        for sentence in _SENTENCE_END.split(paragraph):
            found.setdefault(one_line(sentence, 2_000), None)
    return list(found)


def _paragraphs(lines: list[str]) -> list[str]:
    """Wrapped lines joined again: a line goes on when the next one starts small or it was long and did not end."""
    paragraphs: list[str] = []
    last = ""
    for line in lines:
        if len(paragraphs) >= _MAX_PARAGRAPHS:
            break
        wrapped = len(last) > _WRAPPED and not last.endswith(_ENDS) and not last.isupper()
        if paragraphs and not _ITEM.match(line) and (wrapped or (line[0].islower() and not last.endswith(_ENDS))):
            whole = paragraphs[-1]
            hyphen = whole.endswith("-") and line[0].islower()
            paragraphs[-1] = whole[:-1] + line if hyphen else f"{whole} {line}"
        else:
            paragraphs.append(line)
        last = line
    return paragraphs


def _readable(sentence: str) -> bool:
    """A whole sentence of prose: no table row, no address, no heading, no code."""
    if not sentence or _ODD.search(sentence) or not (sentence[0].isalnum() or sentence[0] in '“"„«¿¡'):
        return False
    cjk = len(_CJK.findall(sentence[:_LONGEST]))
    if cjk > 12:
        return len(sentence) <= _LONGEST
    words = sentence.split()
    return (
        len(words) in range(7, 56)
        and len(sentence) <= _LONGEST
        and sentence.endswith((".", "!", "?"))
        and not sentence[0].islower()
        and sum(map(str.isalpha, sentence)) >= len(sentence) * 0.72
        and sum(len(word) > 2 for word in words) * 2 >= len(words)
    )


def _headings(document: Document, facts: Facts) -> list[str]:
    """Without prose: the first lines of words ("Contains: Key metrics; Next steps.")."""
    found: dict[str, None] = {}
    for line in document.lines[:40]:
        clean = one_line(line.replace("\t", ", ").replace(";", ", ") if facts.kind is Kind.SPREADSHEET else line, 80)
        letters = sum(char.isalpha() for char in clean)
        if letters >= 4 and letters * 10 >= len(clean) * 6 and "@" not in clean and "http" not in clean:
            found.setdefault(clean.strip(" .:;,-•●"), None)
            found.pop(facts.title or "", None)
        if len(found) == 4:
            break
    return [f"Contains: {'; '.join(found)}."] if found else []
