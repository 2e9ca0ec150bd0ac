"""Web pages: visible text, nothing run and nothing fetched."""

import io
import re
from typing import IO

from lxml import etree

from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.parsers import plain
from clasio_backend.documents.reading.parsers.base import Parsed
from clasio_backend.documents.reading.parsers.markup import Rules, TextTarget, feed

_BLOCKS = "address article aside blockquote dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6"
_BLOCKS += " header hr li main nav ol p pre section table tbody thead tfoot title ul caption option legend"
_RULES = Rules(
    text=frozenset({"html"}),
    line=frozenset(_BLOCKS.split()),
    instead={"br": "\n"},
    cell=frozenset({"td", "th"}),
    row=frozenset({"tr"}),
    skip=frozenset({"script", "style", "noscript", "template", "svg", "object", "iframe"}),
)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)


def parse(file: IO[bytes], limits: Limits) -> Parsed:
    """No pages in a web page."""
    cap = limits.max_chars * 20  # markup is most of many pages
    raw = file.read(cap)
    return Parsed([visible_text(_decode(raw), limits.max_chars + 1)], truncated=bool(file.read(1)))


def visible_text(markup: str, max_chars: int) -> str:
    """Text of a page given as characters; line breaks in the source mean nothing outside `pre`."""
    target = TextTarget(_RULES, max_chars)
    feed(io.StringIO(re.sub(r"\s+", " ", markup)), etree.HTMLParser(target=target, no_network=True), target)
    return re.sub(r" *\n *", "\n", target.text)


def _decode(raw: bytes) -> str:
    declared = _CHARSET.search(raw[:4096])
    if declared and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeError):
            pass
    return plain.decode(raw)
