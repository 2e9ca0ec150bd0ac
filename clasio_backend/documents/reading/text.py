"""Text as the index and people want it: one form of each letter, no control characters, no page furniture of files."""

import re
import unicodedata
from collections.abc import Iterable

PAGE_BREAK = "\f"

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_LINE_ENDS = re.compile(r"\r\n?|[\u0085\u2028\u2029\x0b\x1c-\x1e]")
_SPACES = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_AROUND_TABS = re.compile(r" ?\t[ \t]*")
_LINE_END_BLANKS = re.compile(r"[ \t]+\n")
_BLANK_LINES = re.compile(r"\n{3,}")
_MARKED_HYPHEN = re.compile(r"[\u00ad\ufffe\x02]\n?")  # a soft hyphen; pdfium's mark for a hyphen at a line's end
_HYPHEN_AT_END = re.compile(r"(\w+)-\n(\w+)")
_WORDS = re.compile(r"\w+")


def normalize(text: str) -> str:
    """One page or text, without form feeds."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _LINE_ENDS.sub("\n", text).replace(PAGE_BREAK, "\n")
    text = _MARKED_HYPHEN.sub("", text)
    text = _UNSTORABLE.sub("", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFC", text)
    text = _AROUND_TABS.sub("\t", _SPACES.sub(" ", text))
    text = _LINE_END_BLANKS.sub("\n", text).replace("\n ", "\n")
    return _BLANK_LINES.sub("\n\n", text).strip("\n ")


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
    return rejoin_hyphens(PAGE_BREAK.join(kept)), cut


def rejoin_hyphens(text: str) -> str:
    """Join a word broken at a line's end where the document itself has it whole; a real hyphen (self-locking) stays."""
    if not _HYPHEN_AT_END.search(text):
        return text
    words = set(_WORDS.findall(text.lower()))

    def joined(match: re.Match[str]) -> str:
        whole = match[1] + match[2]
        return f"{whole}\n" if whole.lower() in words else match[0]

    return _HYPHEN_AT_END.sub(joined, text)


def is_storable(text: str) -> bool:
    """Whether Postgres takes it and no control character hides in it."""
    return _UNSTORABLE.search(text) is None
