"""E-mail: the headers people look for, the best text, names of attachments, and the text of text attachments."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import IO

from clasio_backend.documents.reading.limits import Limits
from clasio_backend.documents.reading.parsers import html, plain
from clasio_backend.documents.reading.parsers.base import CannotRead, Parsed

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_MAX_PARTS = 500


def parse(file: IO[bytes], limits: Limits) -> Parsed:
    """A mail has no pages."""
    message = BytesParser(policy=policy.default).parse(file)
    parts = [part for part in message.walk() if isinstance(part, EmailMessage)]
    if len(parts) > _MAX_PARTS:
        raise CannotRead("too_complex", "too many parts")
    lines = [f"{name}: {value}" for name in _HEADERS if (value := _header(message, name))]
    lines += ["", *_bodies(parts, limits)]
    return Parsed(["\n".join(lines)])


def _bodies(parts: list[EmailMessage], limits: Limits) -> list[str]:
    plain_texts, html_texts, attached = [], [], []
    for part in parts:
        kind, name = part.get_content_type(), part.get_filename()
        if part.is_multipart():
            if kind == "message/rfc822":
                attached.append(f"Attached message: {name or ''}")
            continue
        if name or part.get_content_disposition() == "attachment":
            attached.append(f"Attachment: {name or kind}")
            if kind.startswith("text/"):
                attached.append(_text(part, limits))
        elif kind == "text/html":
            html_texts.append(_text(part, limits))
        elif kind.startswith("text/"):
            plain_texts.append(_text(part, limits))
    body = plain_texts if any(text.strip() for text in plain_texts) else html_texts
    return [*body, *attached]


def _text(part: EmailMessage, limits: Limits) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    text = _decode(raw, part.get_content_charset())
    return html.visible_text(text, limits.max_chars) if part.get_content_type() == "text/html" else text


def _decode(raw: bytes, charset: str | None) -> str:
    if charset is not None:
        try:
            return raw.decode(charset)
        except (LookupError, UnicodeError, ValueError):  # mail programs name charsets that do not exist
            pass
    return plain.decode(raw)


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, "")).strip()
    except Exception:  # noqa: BLE001 - the standard library's header parser raises many kinds on broken ones
        return ""
