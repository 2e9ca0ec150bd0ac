"""Names of documents are data, never paths."""

import unicodedata

MAX_LENGTH = 255
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
"""Right-to-left overrides can make `fdp.exe` look like `exe.pdf`."""


def clean_name(name: str) -> str:
    """`name` without folders, control characters and direction marks; Unicode is kept, the extension survives a cut.

    An empty result becomes "Untitled".
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        character
        for character in unicodedata.normalize("NFC", last.encode("utf-8", "ignore").decode())
        if unicodedata.category(character) not in {"Cc", "Cs", "Co", "Zl", "Zp"}
        and character not in _DIRECTION_CONTROLS
    ).strip()
    if not kept.strip(". "):
        return "Untitled"
    if len(kept) <= MAX_LENGTH:
        return kept
    stem, dot, extension = kept.rpartition(".")
    if not dot or len(extension) > 10:
        return kept[:MAX_LENGTH]
    return f"{stem[: MAX_LENGTH - len(extension) - 1]}.{extension}"
