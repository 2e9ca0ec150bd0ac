"""How text becomes words, the same for what is stored and for what is asked.

Words are runs of letters and digits, without case and accents, so that `Künstlerische` is found by `kunstlerische`.
Scripts written without spaces (Chinese, Japanese) become single characters, so that any part of a text is found as
a phrase. Postgres then only has to split at spaces: its own parser would guess at e-mail addresses, paths and numbers.
"""

import re
import unicodedata

_ACCENTS = re.compile(r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f])")
MAX_WORD = 200
"""Longer runs are noise (base64, barcodes) and Postgres refuses words over 2 kB."""


def fold(text: str) -> str:
    """`text` without case and accents. ASCII, the common case, is only lowered."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))


def words_of(text: str) -> list[str]:
    """The folded words of `text`, in order."""
    folded = fold(text)
    if not folded.isascii():
        folded = _UNSPACED.sub(r" \1 ", folded)
    return [word for word in _WORD.findall(folded) if len(word) <= MAX_WORD]


def searchable(text: str) -> str:
    """The words of `text`, joined by spaces: what the search vector is made of."""
    return " ".join(words_of(text))
