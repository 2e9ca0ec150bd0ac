"""A short summary: what the document is, then its most telling sentences, in their own words."""

import re
from collections import Counter

from clasio_backend.analysis.analyzer import MAX_SUMMARY, Amount, DocumentDates
from clasio_backend.analysis.currencies import in_words
from clasio_backend.analysis.kinds import Kind
from clasio_backend.analysis.local.document import Document
from clasio_backend.analysis.words import fold, one_line

_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])")  # noqa: RUF001 - Chinese and Japanese punctuation
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
_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")


def summarize(
    document: Document,
    kind: Kind | None,
    opening: str,
) -> str:
    """`opening`, then up to three sentences; for tables and slides their headings. At most 600 characters."""
    parts = [opening]
    if kind not in _FIGURES_FIRST:
        parts.extend(_telling(document) or _headings(document, kind))
    summary = ""
    for part in parts:
        if len(summary) + len(part) + 1 > MAX_SUMMARY:
            continue
        summary = f"{summary} {part}".strip()
    return one_line(summary, MAX_SUMMARY)


def opening_sentence(
    document_type: str,
    title: str | None,
    parties: tuple[str, ...],
    amounts: tuple[Amount, ...],
    dates: DocumentDates,
    kind: Kind | None,
) -> str:
    """Such as "Invoice from Kraxi GmbH to Papierflieger GmbH over 1005.55 EUR, dated 2014-07-11." """
    words = [document_type]
    if kind is Kind.CONTRACT and len(parties) > 1:
        words.append(f"between {parties[0]} and {parties[1]}")
    elif parties and kind not in {Kind.SPREADSHEET, Kind.PRESENTATION, Kind.REPORT, Kind.MANUAL, Kind.FORM, None}:
        words.append(f"from {parties[0]}")
        if len(parties) > 1 and kind in _FIGURES_FIRST | {Kind.EMAIL}:
            words.append(f"to {parties[1]}")
    main = next((each for each in amounts if each.label in {"Total", "Amount due"}), None)
    if main and kind in _FIGURES_FIRST:
        words.append(f"over {in_words(main.minor_units, main.currency)}")
    tail = [f"dated {dates.issued}"] if dates.issued else []
    tail += [f"due {dates.due}"] if dates.due else []
    tail += [f"expires {dates.expires}"] if dates.expires else []
    sentence = ", ".join([" ".join(words), *tail])
    if title and kind not in _FIGURES_FIRST and fold(title) != fold(document_type):
        sentence += f': "{one_line(title, 90)}"'
    return sentence + "."


def document_title(document: Document, titled: str | None) -> str | None:
    """The line that names the document's type, else the first line that reads like a heading."""
    candidates = [titled] if titled else []
    candidates += document.lines[:4]
    for line in candidates:
        clean = line.strip(" .:;,-–—|")  # noqa: RUF001 - dashes
        letters = sum(char.isalpha() for char in clean)
        if 3 <= letters and letters * 3 >= len(clean) * 2 and len(clean) <= 120 and "@" not in clean:
            return clean
    return None


def _telling(document: Document) -> list[str]:
    """The best sentences in the order of the text: those with the words that the document uses most."""
    sentences = [each for each in _sentences(document) if _readable(each)][:_MAX_SENTENCES]
    if not sentences:
        return []
    frequency = Counter(_WORD.findall(document.words))
    weights = {word: min(count, 12) for word, count in frequency.items() if 1 < count}

    def score(item: tuple[int, str]) -> float:
        index, sentence = item
        words = set(_WORD.findall(fold(sentence)))
        centre = sum(weights.get(word, 0) for word in words) / (len(words) + 4)
        return centre + (3.0 if index == 0 else 1.5 if index < 4 else 0.0)

    best = sorted(enumerate(sentences), key=lambda item: (-score(item), item[0]))[:_PICK]
    return [sentence for _, sentence in sorted(best)]


def _sentences(document: Document) -> list[str]:
    found: dict[str, None] = {}
    for paragraph in _paragraphs(document.lines):
        for sentence in _SENTENCE_END.split(paragraph):
            found.setdefault(one_line(sentence, 2_000), None)
    return list(found)


def _paragraphs(lines: tuple[str, ...]) -> list[str]:
    """Wrapped lines joined again: a line goes on when it is long and the next one starts small."""
    paragraphs: list[str] = []
    open_end = False
    for line in lines:
        if len(paragraphs) >= _MAX_PARAGRAPHS:
            break
        first = line[:1]
        if (
            paragraphs
            and open_end
            and (first.islower() or len(line) > 40)
            and not line.startswith(("-", "•", "●", "*"))
        ):
            last = paragraphs[-1]
            paragraphs[-1] = last[:-1] + line if last.endswith("-") and first.islower() else f"{last} {line}"
        else:
            paragraphs.append(line)
        open_end = len(line) > 30 and not line.endswith((".", "!", "?", ":", "。"))
    return paragraphs


def _readable(sentence: str) -> bool:
    """A whole sentence of prose: no table row, no address, no heading, no code."""
    if not sentence or "\t" in sentence or sentence.count("{") + sentence.count("<") + sentence.count("http") > 0:
        return False
    cjk = len(_CJK.findall(sentence[:_LONGEST]))
    if cjk > 12:
        return len(sentence) <= _LONGEST
    words = sentence.split()
    letters = sum(char.isalpha() for char in sentence)
    return (
        7 <= len(words) <= 55
        and len(sentence) <= _LONGEST
        and sentence.endswith((".", "!", "?"))
        and not sentence[0].islower()
        and letters >= len(sentence) * 0.72
        and sum(len(word) > 2 for word in words) * 2 >= len(words)
    )


def _headings(document: Document, kind: Kind | None) -> list[str]:
    """Without prose: the first lines of words ("Contains: Key metrics; Next steps.")."""
    found: dict[str, None] = {}
    for line in document.lines[1:40]:
        clean = one_line(line.replace("\t", ", ").replace(";", ", ") if kind is Kind.SPREADSHEET else line, 80)
        letters = sum(char.isalpha() for char in clean)
        if letters >= 4 and letters * 10 >= len(clean) * 6 and "@" not in clean and "http" not in clean:
            found.setdefault(clean.strip(" .:;,-•●"), None)
        if len(found) == 4:
            break
    return [f"Contains: {'; '.join(found)}."] if found else []
