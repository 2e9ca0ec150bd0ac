"""The formats Clasio takes in. What a file is gets decided by its content, and its name must agree."""

from dataclasses import dataclass
from pathlib import Path, PurePath

from clasio_backend.core.errors import ClasioError
from clasio_backend.documents import sniffing


@dataclass(frozen=True, slots=True)
class FileType:
    """One accepted format; `extensions` are lower case without a dot, the preferred one first."""

    kind: str
    mime_type: str
    extensions: tuple[str, ...]
    label: str


_OFFICE = "application/vnd.openxmlformats-officedocument."

FILE_TYPES: tuple[FileType, ...] = (
    FileType("pdf", "application/pdf", ("pdf",), "PDF"),
    FileType("docx", f"{_OFFICE}wordprocessingml.document", ("docx",), "Word document"),
    FileType("xlsx", f"{_OFFICE}spreadsheetml.sheet", ("xlsx",), "Excel workbook"),
    FileType("pptx", f"{_OFFICE}presentationml.presentation", ("pptx",), "PowerPoint presentation"),
    FileType("odt", "application/vnd.oasis.opendocument.text", ("odt",), "OpenDocument text"),
    FileType("rtf", "application/rtf", ("rtf",), "Rich text document"),
    FileType("txt", "text/plain", ("txt",), "Plain text"),
    FileType("md", "text/markdown", ("md", "markdown"), "Markdown text"),
    FileType("html", "text/html", ("html", "htm"), "Web page"),
    FileType("csv", "text/csv", ("csv",), "CSV table"),
    FileType("eml", "message/rfc822", ("eml",), "E-mail"),
    FileType("png", "image/png", ("png",), "PNG image"),
    FileType("jpeg", "image/jpeg", ("jpg", "jpeg"), "JPEG image"),
    FileType("webp", "image/webp", ("webp",), "WebP image"),
    FileType("tiff", "image/tiff", ("tif", "tiff"), "TIFF image"),
)
ACCEPTED_EXTENSIONS: tuple[str, ...] = tuple(extension for kind in FILE_TYPES for extension in kind.extensions)
_BY_EXTENSION = {extension: kind for kind in FILE_TYPES for extension in kind.extensions}
_BY_KIND = {kind.kind: kind for kind in FILE_TYPES}
_BY_MIME_TYPE = {kind.mime_type: kind for kind in FILE_TYPES}
_TEXT_KINDS = frozenset({"txt", "md", "html", "csv", "eml"})
_OFFICE_KINDS = frozenset({"docx", "xlsx", "pptx"})


class UnsupportedFileType(ClasioError):
    """A refused upload: no document is made of it. `code` says which of the reasons below it was."""

    code = "unsupported_file_type"
    status = 415


def file_type_of(mime_type: str) -> FileType | None:
    """The accepted format with this MIME type (as stored with a document)."""
    return _BY_MIME_TYPE.get(mime_type)


def detect(path: Path, name: str) -> FileType:
    """The format of the file at `path`, which its uploader calls `name`.

    Raises `UnsupportedFileType` with code `unknown_extension`, `type_mismatch` (content and name disagree) or
    `too_complex` (a container that would unpack to something enormous). An empty file is taken by its name alone:
    it becomes a document with outcome `unreadable`, which says more than a refusal would.
    """
    extension = PurePath(name).suffix.lower().removeprefix(".")
    claimed = _BY_EXTENSION.get(extension)
    found = sniffing.sniff(path)
    if claimed is None:
        raise _unknown_extension(extension, found)
    if found.kind in (sniffing.EMPTY, claimed.kind):
        return claimed
    if found.kind == sniffing.TEXT and claimed.kind in _TEXT_KINDS:
        return claimed
    if found.kind == sniffing.OLE and claimed.kind in _OFFICE_KINDS and found.encrypted:
        return claimed  # a password-protected Office file: reading it says so in words
    if found.kind == sniffing.BOMB:
        raise UnsupportedFileType(
            "This file would unpack to an enormous size, so it was not taken in. Save it again from its own program, "
            "or export it as a PDF.",
            code="too_complex",
        )
    raise _mismatch(extension, claimed, found)


def _unknown_extension(extension: str, found: sniffing.Found) -> UnsupportedFileType:
    accepted = ", ".join(kind.extensions[0] for kind in FILE_TYPES)
    actual = _BY_KIND.get(found.kind)
    if actual is not None:
        named = f"is named .{extension}" if extension else "has no extension"
        return UnsupportedFileType(
            f"This file {named} but contains {found.description}. "
            f"Rename it to .{actual.extensions[0]} and upload it again.",
            code="unknown_extension",
        )
    named = f"Files of type .{extension}" if extension else "Files without an extension"
    return UnsupportedFileType(
        f"{named} are not supported. Upload one of: {accepted}.",
        code="unknown_extension",
    )


def _mismatch(extension: str, claimed: FileType, found: sniffing.Found) -> UnsupportedFileType:
    actual = _BY_KIND.get("txt" if found.kind == sniffing.TEXT else found.kind)
    message = f"This file is named .{extension} but contains {found.description}."
    if found.kind == sniffing.TEXT and found.looks_like in _TEXT_KINDS:
        actual = _BY_KIND[found.looks_like]
    if actual is not None:
        message += f" Rename it to .{actual.extensions[0]} and upload it again."
    elif found.kind == sniffing.OLE:
        message += f" Open it in its own program, save it as .{claimed.extensions[0]} and upload that."
    else:
        message += " Check that it is the file you meant, and upload it again."
    return UnsupportedFileType(message, code="type_mismatch")
