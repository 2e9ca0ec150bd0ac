"""Text out of XML by events: memory stays flat however large the part, and a broken part gives what comes before.

Entities are never resolved, nothing is fetched, and libxml2's own limits on depth and size stay on.
"""

import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from lxml import etree

from clasio_backend.documents.reading.parsers.base import CannotRead

_CHUNK_BYTES = 64 * 1024
_BROKEN_STREAM = (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Rules:
    """Which elements (local names) mean what."""

    text: frozenset[str]  # only character data inside these counts
    line: frozenset[str]  # end a line when they close
    instead: Mapping[str, str]  # empty elements that stand for characters
    cell: frozenset[str] = frozenset()
    row: frozenset[str] = frozenset()
    page: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()


class TextTarget:
    """Collects text as lxml reports events."""

    def __init__(self, rules: Rules, max_chars: int) -> None:
        self._rules = rules
        self._parts: list[str] = []
        self._room = max_chars
        self._in_text = self._in_skipped = self._in_cell = 0

    @property
    def full(self) -> bool:
        return self._room <= 0

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = _local(tag)
        rules = self._rules
        if name in rules.skip:
            self._in_skipped += 1
        elif name in rules.instead:
            self._add(_repeated(rules.instead[name], attributes))
        if name in rules.text:
            self._in_text += 1
        if name in rules.cell:
            self._in_cell += 1

    def end(self, tag: str) -> None:
        name = _local(tag)
        rules = self._rules
        if name in rules.text:
            self._in_text -= 1
        if name in rules.line:
            self._add(" " if self._in_cell else "\n")  # paragraphs of one cell share its line
        if name in rules.cell:
            self._in_cell -= 1
            self._add("\t")
        if name in rules.row:
            self._add("\n")
        if name in rules.page:
            self._add("\n\n")
        if name in rules.skip:
            self._in_skipped -= 1

    def data(self, data: str) -> None:
        if self._in_text:
            self._add(data)

    def close(self) -> None:
        """Called by lxml at the end."""

    def _add(self, text: str) -> None:
        if not self._in_skipped and self._room > 0:
            self._parts.append(text)
            self._room -= len(text)


class _XmlTarget(TextTarget):
    """No office program writes a document type; entities declared in one are an attack (and lxml would expand them)."""

    def doctype(self, name: str, public_id: str | None, system_url: str | None) -> None:  # noqa: ARG002 - lxml's shape
        raise CannotRead("broken", "document type declared")


def read_xml(stream: IO[bytes], rules: Rules, max_chars: int) -> TextTarget:
    """The text of one XML part, as far as it can be read."""
    target = _XmlTarget(rules, max_chars)
    parser = etree.XMLParser(
        target=target, recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    feed(stream, parser, target)
    return target


def feed(stream: IO[Any], parser: Any, target: TextTarget) -> None:
    """Feed until the end, the limit, or the place where the stream or the markup breaks."""
    with suppress(etree.XMLSyntaxError, *_BROKEN_STREAM):
        while not target.full and (chunk := stream.read(_CHUNK_BYTES)):
            parser.feed(chunk)
    with suppress(etree.XMLSyntaxError, AssertionError):
        parser.close()


def parse_tree(stream: IO[bytes]) -> Any:
    """A small part (relations, workbook order) as a tree; None when it cannot be read."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    with suppress(etree.XMLSyntaxError, *_BROKEN_STREAM):
        return etree.fromstring(stream.read(4 * 1024 * 1024), parser)
    return None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _repeated(text: str, attributes: Mapping[str, str]) -> str:
    """OpenDocument's `<text:s text:c="3"/>` is three spaces."""
    if text != " ":
        return text
    count = next((value for name, value in attributes.items() if _local(name) == "c"), "1")
    return " " * min(int(count), 200) if count.isdigit() else " "
