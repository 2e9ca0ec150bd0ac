"""Small pure helpers on text that several parts of the analysis share."""

import re
import unicodedata

# Letters that carry no combining mark and so survive NFKD.
_PLAIN_LETTERS = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "\u0131": "i",
        "\u2019": "'",
        "\u02bc": "'",
    }
)
_MARK = re.compile(r"[\u0300-\u036f]+")
_NOT_WORD = re.compile(r"[\W_]+")
_SPACE = re.compile(r"\s+")
_UNSTORABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def fold(text: str) -> str:
    """Lower case without accents, so that "Verträge" and "VERTRAGE" are one word; CJK is kept as it is."""
    if text.isascii():
        return text.lower()
    # casefold turns ß into ss; NFKD splits Hangul too, which NFC puts together again.
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN_LETTERS)
    return unicodedata.normalize("NFC", _MARK.sub("", folded))


def folded_words(text: str) -> str:
    """`fold` with everything but letters and digits as single spaces, and one space at both ends."""
    return f" {_NOT_WORD.sub(' ', fold(text)).strip()} "


def one_line(text: str, limit: int) -> str:
    """`text` as one line that Postgres, logs and pages can hold, cut at a word to at most `limit` characters."""
    line = _SPACE.sub(" ", _UNSTORABLE.sub("", text)).strip()
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    word_end = cut.rfind(" ")
    return (cut[:word_end] if word_end > limit // 2 else cut).rstrip(" ,;:-") + "…"
