"""Reads a whole export before any of it is written: each line, each checksum, and that what points is pointed at."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from clasio_backend.core.config import get_settings
from clasio_backend.documents.file_types import file_type_of
from clasio_backend.documents.names import clean_name
from clasio_backend.exports.errors import BadArchive
from clasio_backend.exports.incoming.archive import ORGANIZATION, IncomingArchive
from clasio_backend.exports.lines import (
    ActivityLine,
    AnalysisLine,
    CategoryLine,
    DocumentLine,
    MemberLine,
    OrganizationLine,
    ShareLine,
    TextLine,
)

MAX_CATEGORIES = 10_000
MAX_MEMBERS = 10_000
MAX_DOCUMENTS = 1_000_000
_ADDRESS = re.compile(r"[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+")


@dataclass
class Checked:
    """What the import has to know beforehand. Sizes in bytes; only documents that are not in the trash are metered."""

    organization: OrganizationLine
    categories: dict[UUID, CategoryLine] = field(default_factory=dict)
    members: dict[UUID, MemberLine] = field(default_factory=dict)
    documents: set[UUID] = field(default_factory=set)
    left_out: int = 0
    metered_documents: int = 0
    metered_bytes: int = 0


def check(archive: IncomingArchive) -> Checked:
    """Raises `BadArchive` with a sentence for the first thing that is not as it should be."""
    checked = Checked(archive.single(ORGANIZATION, OrganizationLine))
    _categories(archive, checked)
    _members(archive, checked)
    _documents(archive, checked)
    _texts_and_analyses(archive, checked)
    counted = {
        "shares": sum(1 for _ in archive.lines("shares.jsonl", ShareLine)),
        "activity": sum(1 for _ in archive.lines("activity.jsonl", ActivityLine)),
    }
    for name, count in counted.items():
        _count(archive, name, count)
    return checked


def has_bytes(archive: IncomingArchive, line: DocumentLine) -> bool:
    """Whether a document can be brought in: its bytes are there, and they are what once came in."""
    return line.file is not None and archive.members[line.file].sha256 == line.sha256


def _categories(archive: IncomingArchive, checked: Checked) -> None:
    names: set[str] = set()
    for number, line in enumerate(archive.lines("categories.jsonl", CategoryLine), 1):
        names.add(line.name.lower())
        checked.categories[line.id] = line
        if number != len(names) or number != len(checked.categories) or number > MAX_CATEGORIES:
            raise BadArchive(f"categories.jsonl, line {number}: this category is there twice, or there are too many.")
    _count(archive, "categories", len(checked.categories))


def _members(archive: IncomingArchive, checked: Checked) -> None:
    addresses: set[str] = set()
    for number, line in enumerate(archive.lines("members.jsonl", MemberLine), 1):
        addresses.add(line.email.lower())
        checked.members[line.user_id] = line
        if number != len(addresses) or number != len(checked.members) or number > MAX_MEMBERS:
            raise BadArchive(f"members.jsonl, line {number}: this person is there twice, or there are too many.")
        if not _ADDRESS.fullmatch(line.email):
            raise BadArchive(f"members.jsonl, line {number}: this is no e-mail address.")
        if line.is_active and line.removed_at is not None:
            raise BadArchive(f"members.jsonl, line {number}: this person is active and removed at once.")
    _count(archive, "members", len(checked.members))


def _documents(archive: IncomingArchive, checked: Checked) -> None:
    files: set[str] = set()
    named = {left.document_id for left in archive.manifest.left_out}
    for number, line in enumerate(archive.lines("documents.jsonl", DocumentLine), 1):
        where = f"documents.jsonl, line {number}"
        if line.id in checked.documents or number > MAX_DOCUMENTS:
            raise BadArchive(f"{where}: this document is there twice, or there are too many.")
        checked.documents.add(line.id)
        _refuse_strange(line, where)
        _refuse_dangling(line, checked, where)
        if line.file is not None:
            _read_file(archive, line, files, where)
        if not has_bytes(archive, line):
            if line.id not in named:
                raise BadArchive(f"{where}: its bytes are not there, and the manifest does not say why.")
            checked.left_out += 1
        elif line.deleted_at is None:
            checked.metered_documents += 1
            checked.metered_bytes += line.size_bytes
    if extra := {name for name in archive.members if name.startswith("documents/")} - files:
        raise BadArchive(f"{min(extra)} belongs to no document.")
    _count(archive, "documents", len(checked.documents))


def _read_file(archive: IncomingArchive, line: DocumentLine, files: set[str], where: str) -> None:
    """Reads the document's bytes, which nobody else's line may name."""
    name = line.file or ""
    if name in files or name not in archive.members or not name.startswith("documents/"):
        raise BadArchive(f"{where}: its file is not there, or belongs to another document too.")
    files.add(name)
    for _ in archive.pieces(name):
        pass
    if has_bytes(archive, line) and archive.members[name].size_bytes != line.size_bytes:
        raise BadArchive(f"{where}: its file is not as long as it says.")


def _refuse_strange(line: DocumentLine, where: str) -> None:
    """What an upload would refuse, an import does too."""
    settings = get_settings()
    if clean_name(line.name) != line.name:
        raise BadArchive(f"{where}: this is no name of a document.")
    if file_type_of(line.mime_type) is None:
        raise BadArchive(f"{where}: this Clasio does not know documents of the type {line.mime_type}.")
    if line.size_bytes > settings.max_file_bytes:
        raise BadArchive(
            f"{where}: the document is larger than {settings.max_file_mb} MB. Raise MAX_FILE_MB for the import."
        )


def _refuse_dangling(line: DocumentLine, checked: Checked, where: str) -> None:
    if line.category_id is not None and line.category_id not in checked.categories:
        raise BadArchive(f"{where}: its category is not in the export.")
    if not {line.uploaded_by, line.deleted_by} - {None} <= checked.members.keys():
        raise BadArchive(f"{where}: whoever added or removed it is not in the export.")


def _texts_and_analyses(archive: IncomingArchive, checked: Checked) -> None:
    with_text: set[UUID] = set()
    for number, text in enumerate(archive.lines("texts.jsonl", TextLine), 1):
        with_text.add(text.document_id)
        if number != len(with_text) or text.document_id not in checked.documents:
            raise BadArchive(f"texts.jsonl, line {number}: there is no such document, or it has two texts.")
    _count(archive, "texts", len(with_text))
    analyses: set[UUID] = set()
    for number, analysis in enumerate(archive.lines("analyses.jsonl", AnalysisLine), 1):
        analyses.add(analysis.id)
        if number != len(analyses) or analysis.document_id not in checked.documents:
            raise BadArchive(
                f"analyses.jsonl, line {number}: there is no such document, or the analysis is there twice."
            )
    _count(archive, "analyses", len(analyses))


def _count(archive: IncomingArchive, name: str, found: int) -> None:
    if archive.manifest.counts.get(name) != found:
        raise BadArchive(f"{name}.jsonl has {found:,} lines, and the manifest says otherwise. The file is damaged.")
