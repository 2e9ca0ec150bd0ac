"""The ZIP file of an export, in pieces: however many documents, only one batch of rows is in memory.

Bytes are read outside any transaction. Lines about documents are collected in temporary files while the bytes go by,
because a member of a ZIP file is written in one piece.
"""

import hashlib
import tempfile
import time
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, suppress
from itertools import chain
from typing import IO, Any
from uuid import UUID

from pathvalidate import sanitize_filename
from zipstream import ZipStream

from clasio_backend.core.errors import NotFound
from clasio_backend.core.scope import Scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.opening import is_open
from clasio_backend.exports.collecting import Collector
from clasio_backend.exports.lines import AnalysisLine, DocumentLine, ExportLine, TextLine
from clasio_backend.exports.manifest import MANIFEST, LeftOut, Member, Reason, manifest_pieces
from clasio_backend.exports.repository import CollectRepository
from clasio_backend.integrations.storage import FileDamaged, FileMissing, KeyGone, get_blob_store
from clasio_backend.models import Document
from clasio_backend.models.documents import Outcome

BATCH = 20
REPORT_SECONDS = 1.0
MAX_STEM_BYTES, MAX_ENDING = 150, 10
_KEPT_IN_MEMORY = 1_000_000

Report = Callable[[int, int], None]
"""Gets how many of how many documents are done; may raise, which ends the export."""


class ExportArchive:
    """Made once; `pieces` is read once, and then the counts are there."""

    def __init__(self, scope: Scope, collector: Collector, report: Report) -> None:
        self._scope, self._collector, self._report = scope, collector, report
        self._zip = ZipStream()
        self._counts: dict[str, int] = {}
        self._hash = hashlib.sha256()
        self._reported_at = 0.0
        self.size_bytes = 0
        self.documents = 0
        self.left_out = 0

    @property
    def sha256(self) -> str:
        """Of the file, as far as it was read."""
        return self._hash.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """The file. Raises what `report` raises, or `StorageError` when the store does not answer."""
        for piece in self._pieces():
            self._hash.update(piece)
            self.size_bytes += len(piece)
            yield piece

    def _pieces(self) -> Iterator[bytes]:
        with ExitStack() as stack:

            def spool() -> IO[bytes]:
                return stack.enter_context(tempfile.SpooledTemporaryFile(_KEPT_IN_MEMORY, prefix="clasio-export-"))

            self._members, self._left_out = spool(), spool()
            lines = {name: spool() for name in ("documents", "texts", "analyses")}
            yield from self._documents(lines)
            for name, file in lines.items():
                file.seek(0)
                yield from self._add(f"{name}.jsonl", _read(file))
            for name, rows in self._collector.lists():
                yield from self._add(f"{name}.jsonl", self._as_lines(name, rows))
            for name, single in self._collector.singles():
                yield from self._add(f"{name}.json", iter([_line(single)]))
            yield from self._manifest()

    def _manifest(self) -> Iterator[bytes]:
        collected = self._collector
        text = manifest_pieces(
            collected.kind,
            self._scope.organization_id,
            collected.organization,
            self._counts,
            self._left_out,
            self._members,
        )
        self._zip.add(text, MANIFEST, compress_type=zipfile.ZIP_DEFLATED)
        yield from self._zip.finalize()

    def _documents(self, lines: dict[str, IO[bytes]]) -> Iterator[bytes]:
        total = self._collector.extent.documents
        self._counts |= dict.fromkeys(lines, 0)
        for batch in self._collector.batches(BATCH):
            whole: set[UUID] = set()
            for document in batch.documents:
                with suppress(NotFound):  # it was purged in the meantime, and nobody misses it
                    file = yield from self._bytes(document)
                    self._write(lines, "documents", _document_line(document, file))
                    if is_open(document):
                        whole.add(document.id)
                    self.documents += 1
                self._report_now_and_then(total)
            for text in batch.texts:
                if text.document_id in whole:
                    self._write(lines, "texts", TextLine.model_validate(text))
            for analysis in batch.analyses:
                if analysis.document_id in whole:
                    self._write(lines, "analyses", AnalysisLine.model_validate(analysis))
        self._report(self.documents, total)

    def _bytes(self, document: Document) -> Generator[bytes, None, str | None]:
        """Adds a document's bytes and returns their member's name, or notes why there are none.

        Raises `NotFound` when the document has gone.
        """
        with unit_of_work(self._scope) as uow:  # as it is now: what lies before it may have taken an hour
            present = uow.repository(CollectRepository).get(document.id)
        if not is_open(present):
            is_caught = present.outcome == Outcome.INFECTED
            self._note(document, "infected" if is_caught else "not_scanned")
            return None
        pieces = get_blob_store().stream(self._scope.organization_id, document.sha256)
        try:
            first = next(pieces, b"")
        except (FileDamaged, KeyGone):
            self._leave_out(document, "damaged")
            return None
        except FileMissing:
            self._leave_out(document, "missing")
            return None
        name = f"documents/{self.documents + 1:06} {safe_name(document.name)}"
        sha256 = yield from self._add(name, chain([first], _as_far_as_whole(pieces)), size=document.size_bytes)
        if sha256 != document.sha256:
            self._note(document, "damaged")
        return name

    def _leave_out(self, document: Document, reason: Reason) -> None:
        with unit_of_work(self._scope) as uow:
            uow.repository(CollectRepository).get(document.id)
        self._note(document, reason)

    def _note(self, document: Document, reason: Reason) -> None:
        note = LeftOut(document_id=document.id, name=document.name, reason=reason)
        self._left_out.write(note.model_dump_json().encode() + b"\n")
        self.left_out += 1

    def _add(self, name: str, pieces: Iterable[bytes], *, size: int | None = None) -> Generator[bytes, None, str]:
        """Adds a member and returns its SHA-256. Documents are stored as they are; lines shrink a lot."""
        seen = _Seen(pieces)
        compress = zipfile.ZIP_STORED if name.startswith("documents/") else zipfile.ZIP_DEFLATED
        self._zip.add(iter(seen), name, size=size, compress_type=compress)
        yield from self._zip.all_files()
        member = Member(name=name, size_bytes=seen.size_bytes, sha256=seen.sha256)
        self._members.write(member.model_dump_json().encode() + b"\n")
        return member.sha256

    def _as_lines(self, name: str, rows: Iterable[ExportLine]) -> Iterator[bytes]:
        self._counts[name] = 0
        for row in rows:
            self._counts[name] += 1
            yield _line(row)

    def _write(self, lines: dict[str, IO[bytes]], name: str, line: ExportLine) -> None:
        lines[name].write(_line(line))
        self._counts[name] += 1

    def _report_now_and_then(self, total: int) -> None:
        if time.monotonic() - self._reported_at >= REPORT_SECONDS:
            self._report(self.documents, total)
            self._reported_at = time.monotonic()


def _as_far_as_whole(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Ends where a damaged file ends to make sense: the hash of what came then tells."""
    with suppress(FileDamaged):
        yield from pieces


class _Seen:
    """Counts and hashes what goes by."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._hash.update(piece)
            self.size_bytes += len(piece)
            yield piece

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def safe_name(name: str) -> str:
    """A name that every system can unpack: no path, no reserved word, at most 200 bytes, its ending kept."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > MAX_ENDING:
        stem, dot, ending = name, "", ""
    short = stem.encode()[:MAX_STEM_BYTES].decode("utf-8", "ignore")
    return sanitize_filename(f"{short}{dot}{ending}", platform="universal", replacement_text="_") or "document"


_NOTHING_SAID: dict[str, Any] = {
    **dict.fromkeys(("category_id", "document_type", "summary", "language", "issued_on", "due_on", "expires_on")),
    "amounts": [],
    "parties": [],
    "value_sources": {},
}
"""Of a document without a verdict or in quarantine: what was read in it stays here."""


def _document_line(document: Document, file: str | None) -> DocumentLine:
    said = {} if is_open(document) else _NOTHING_SAID
    return DocumentLine.model_validate(document).model_copy(update={"file": file, **said})


def _line(line: ExportLine) -> bytes:
    return line.model_dump_json().encode() + b"\n"


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(256 * 1024):
        yield piece
