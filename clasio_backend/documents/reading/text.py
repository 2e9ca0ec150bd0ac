"""Text as the index and people want it: one form of each letter, no control characters, no page furniture of files."""

import re
import unicodedata
from collections.abc import Iterable

PAGE_BREAK = "\f"

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UNWANTED = re.compile(  # control characters, and marks that show nothing
    r"[\x00-\x08\x0e-\x1f\x7f\uffff\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_LINE_ENDS = re.compile(r"\r\n?|[\u0085\u2028\u2029\x0b\x1c-\x1e]")
_SPACES = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_AROUND_TABS = re.compile(r" ?\t[ \t]*")
_LINE_END_BLANKS = re.compile(r"[ \t]+\n")
_BLANK_LINES = re.compile(r"\n{3,}")
_SOFT_HYPHEN = re.compile(r"\u00ad\n?")
_MARK = "\ufffe"  # pdfium puts it where a line ended in a hyphen; the line break is gone
_BROKEN_WORD = re.compile(rf"(\w+)(-\n|{_MARK})(\w+)")
_WORDS = re.compile(r"\w+(?:-\w+)*")
_BULLET = re.compile(r"(?m)^[\ue000-\uf8ff][ \t]*")  # Symbol and Wingdings: private code points
_PRIVATE = re.compile(r"[\ue000-\uf8ff]")


def normalize(text: str) -> str:
    """One page or text, without form feeds. Marks of broken words stay for `rejoin_words`, which sees all pages."""
    text = _LINE_ENDS.sub("\n", text).replace(PAGE_BREAK, "\n")
    text = _UNWANTED.sub("", text)
    if not text.isascii():
        text = _normalize_letters(text)
    text = _AROUND_TABS.sub("\t", _SPACES.sub(" ", text))
    text = _LINE_END_BLANKS.sub("\n", text).replace("\n ", "\n")
    return _BLANK_LINES.sub("\n\n", text).strip("\n ")


def _normalize_letters(text: str) -> str:
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _SOFT_HYPHEN.sub("", text)
    text = _PRIVATE.sub("", _BULLET.sub("\u2022 ", text))
    return unicodedata.normalize("NFC", text)


def join_pages(pages: Iterable[str], max_chars: int) -> tuple[str, bool]:
    """All pages in one text, and whether it had to be cut."""
    kept: list[str] = []
    room = max_chars
    cut = False
    for page in pages:
        if room <= 0:
            cut = True
            break
        clean = normalize(page[: room * 4])
        cut = cut or len(page) > room * 4 or len(clean) > room
        kept.append(clean[:room])
        room -= len(kept[-1]) + 1
    return rejoin_words(PAGE_BREAK.join(kept)), cut


def rejoin_words(text: str) -> str:
    """Join words broken at a line's end where the document itself shows how they are written.

    "docu-" + "ment" is joined when "document" stands elsewhere, while "self-" + "locking" keeps its hyphen.
    """
    if _MARK not in text and "-\n" not in text:
        return text
    words = set(_WORDS.findall(_BROKEN_WORD.sub(" ", text).lower()))

    def whole(match: re.Match[str]) -> str:
        first, hyphen, second = match.groups()
        joined, hyphenated = f"{first}{second}", f"{first}-{second}"
        if hyphen != _MARK:
            return f"{joined}\n" if joined.lower() in words else match[0]
        if hyphenated.lower() in words:
            return hyphenated
        both_are_words = min(len(first), len(second)) > 3 and {first.lower(), second.lower()} <= words
        return hyphenated if both_are_words and joined.lower() not in words else joined

    return _BROKEN_WORD.sub(whole, text).replace(_MARK, "-")


def is_storable(text: str) -> bool:
    """Whether Postgres takes it and no control character hides in it."""
    return _UNSTORABLE.search(text) is None
