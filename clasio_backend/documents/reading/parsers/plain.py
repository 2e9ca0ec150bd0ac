"""Plain text, Markdown and CSV: finding the encoding is all there is to do."""

import codecs
from typing import IO

from charset_normalizer import from_bytes

from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.parsers.base import Parsed

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 16 * 1024
_LIKELY = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "koi8_r"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
]


def parse(file: IO[bytes], limits: Limits) -> Parsed:
    """Read no more bytes than the characters kept could need."""
    cap = limits.max_chars * 4
    raw = file.read(cap)
    return Parsed([decode(raw)], truncated=bool(file.read(1)))


def decode(raw: bytes) -> str:
    """Text in whatever encoding: marked, UTF-8, unmarked UTF-16, then the likeliest older one."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(raw) - 4:  # cut inside its last character
            return raw[: error.start].decode("utf-8")
    return raw.decode(_guess(raw), "replace")


def _guess(raw: bytes) -> str:
    sample = raw[:_SAMPLE_BYTES]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) / 4:
        return "utf-16-le" if odd > even else "utf-16-be"
    best = from_bytes(sample, cp_isolation=_LIKELY, enable_fallback=False).best()
    return best.encoding if best is not None else "cp1252"
