"""What the bytes of a file are, whatever its name says.

libmagic names the family; zip and OLE containers are looked into here, because libmagic takes the order of a zip's
members for its type, and text is decided by being decodable.
"""

import codecs
import ctypes
import importlib.util
import re
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from clasio_backend.documents.containers import NotAZip, ZipTooComplex, look_into

EMPTY, TEXT, OLE, BOMB, OTHER = "empty", "text", "ole", "bomb", "other"

_HEAD_BYTES = 64 * 1024
_MAGIC_BYTES = 8 * 1024
_PDF_MARK_WITHIN = 1024  # ISO 32000 readers accept junk in front; so do scanners' own files
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = bytes(range(9)) + bytes(range(14, 27)) + bytes(range(28, 32))
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_MAIL = re.compile(rb"\A(?:[!-9;-~]+:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2,}", re.IGNORECASE)
_MAIL_FIELDS = re.compile(
    rb"^(from|received|return-path|message-id|mime-version|subject):", re.IGNORECASE | re.MULTILINE
)

_BY_MAGIC = {
    "image/png": ("png", "a PNG image"),
    "image/jpeg": ("jpeg", "a JPEG image"),
    "image/webp": ("webp", "a WebP image"),
    "image/tiff": ("tiff", "a TIFF image"),
}
_DESCRIPTIONS = {
    "application/x-dosexec": "a Windows program",
    "application/vnd.microsoft.portable-executable": "a Windows program",
    "application/x-executable": "a program",
    "application/x-pie-executable": "a program",
    "application/x-sharedlib": "a program library",
    "application/gzip": "a gzip archive",
    "application/x-tar": "a tar archive",
    "application/x-7z-compressed": "a 7-Zip archive",
    "application/x-rar": "a RAR archive",
    "application/postscript": "a PostScript file",
    "application/x-sqlite3": "a database",
}
_OFFICE_FOLDERS = (
    ("word/", "docx", "a Word document"),
    ("xl/", "xlsx", "an Excel workbook"),
    ("ppt/", "pptx", "a PowerPoint presentation"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """`kind` is a key of an accepted format or one of this module's constants; `description` follows "contains"."""

    kind: str
    description: str
    encrypted: bool = False
    looks_like: str = "txt"


def sniff(path: Path) -> Found:
    """Look at the head of the file, and into it when it is a container."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        return Found(EMPTY, "nothing")
    if head.startswith(b"PK\x03\x04"):
        return _sniff_zip(path, head)
    if head.startswith(_OLE_MARK):
        return _sniff_ole(path)
    return _sniff_head(head)


def _sniff_head(head: bytes) -> Found:
    start = head[:_PDF_MARK_WITHIN].lstrip()
    if start.startswith(b"%PDF-"):
        return Found("pdf", "a PDF")
    if start.startswith(b"{\\rtf"):
        return Found("rtf", "a rich text document")
    mime_type = _magic(head[:_MAGIC_BYTES])
    if mime_type in _BY_MAGIC:
        return Found(*_BY_MAGIC[mime_type])
    if is_text(head):
        return _describe_text(head)
    if b"%PDF-" in head[:_PDF_MARK_WITHIN]:  # after the question for text: a note may well quote this mark
        return Found("pdf", "a PDF")
    return Found(OTHER, _describe_other(mime_type))


def is_text(head: bytes) -> bool:
    """Whether these first bytes of a file are text in some encoding."""
    if head.startswith(_UTF_MARKS) or _is_wide(head):
        return True
    if b"\x00" in head:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # not final: the head may end inside a character
    except UnicodeDecodeError:
        pass
    else:
        return _control_share(head) < 0.05
    return _control_share(head) < 0.01  # an 8-bit encoding: stricter, as any byte would decode


def _control_share(head: bytes) -> float:
    return (len(head) - len(head.translate(None, _CONTROL))) / len(head)


def _is_wide(head: bytes) -> bool:
    """UTF-16 without its mark: Western text has a zero in nearly every second byte, and only there."""
    even, odd = head[0::2], head[1::2]
    if len(head) < 16:
        return False
    zeros = sorted((even.count(0) / len(even), odd.count(0) / len(odd)))
    return zeros[0] < 0.01 and zeros[1] > 0.6 and _control_share(head.replace(b"\x00", b"")) < 0.01


def _describe_text(head: bytes) -> Found:
    start = head[:4096]
    if _MAIL.match(start) and _MAIL_FIELDS.search(start):
        return Found(TEXT, "an e-mail", looks_like="eml")
    if _HTML.search(start):
        return Found(TEXT, "a web page", looks_like="html")
    return Found(TEXT, "plain text")


def _describe_other(mime_type: str) -> str:
    if mime_type in _DESCRIPTIONS:
        return _DESCRIPTIONS[mime_type]
    family, _, rest = mime_type.partition("/")
    if family in {"image", "audio", "video", "font"}:
        noun = {"image": "an image", "audio": "a sound file", "video": "a video", "font": "a font"}[family]
        return f"{noun} of another format ({rest.removeprefix('x-')})"
    return "data that is not a document"


def _sniff_zip(path: Path, head: bytes) -> Found:
    try:
        with path.open("rb") as file:
            container = look_into(file)
    except ZipTooComplex:
        return Found(BOMB, "an archive that unpacks to an enormous size")
    except NotAZip:
        return _sniff_torn_zip(head)
    if container.mimetype.startswith("application/vnd.oasis.opendocument.text"):
        return Found("odt", "an OpenDocument text")
    if container.mimetype.startswith("application/vnd.oasis.opendocument."):
        rest = container.mimetype.rpartition(".")[2]
        return Found(OTHER, f"an OpenDocument file of another kind ({rest})")
    if "[Content_Types].xml" in container.names:
        for folder, kind, description in _OFFICE_FOLDERS:
            if any(name.startswith(folder) for name in container.names):
                return Found(kind, description)
    return Found(OTHER, "a ZIP archive")


def _sniff_torn_zip(head: bytes) -> Found:
    """A download that broke off has lost its directory; the member names in its head still tell the type."""
    if b"mimetypeapplication/vnd.oasis.opendocument.text" in head[:200]:
        return Found("odt", "an OpenDocument text")
    for folder, kind, description in _OFFICE_FOLDERS:
        if folder.encode() in head and b"[Content_Types].xml" in head:
            return Found(kind, description)
    return Found(OTHER, "a damaged ZIP archive")


def _sniff_ole(path: Path) -> Found:
    """OLE2 holds the old Office formats, and today's ones when they have a password."""
    with path.open("rb") as file:
        content = file.read(4 * 1024 * 1024)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return Found(OLE, "a password-protected Office file", encrypted=True)
    return Found(OLE, "a document of an old Office version")


_LOCK = threading.Lock()


def _magic(head: bytes) -> str:
    with _LOCK:  # a libmagic handle must not be used by two threads at once
        return str(_handle().from_buffer(head))


@lru_cache(maxsize=1)
def _handle() -> Any:
    """The libmagic of the pylibmagic wheel, else the system's.

    `import pylibmagic` would put an empty entry (the current folder) into LD_LIBRARY_PATH of every child process and
    patch ctypes. Loading its library by path does the same job: the loader then answers `libmagic.so.1` with it.
    """
    spec = importlib.util.find_spec("pylibmagic")
    folder = Path(spec.origin).parent if spec is not None and spec.origin else None
    database = None
    if folder is not None and (folder / "magic.mgc").is_file():
        ctypes.CDLL(str(folder / "libmagic.so.1"), mode=ctypes.RTLD_GLOBAL)
        database = str(folder / "magic.mgc")
    magic = importlib.import_module("magic")
    return magic.Magic(mime=True, magic_file=database)
