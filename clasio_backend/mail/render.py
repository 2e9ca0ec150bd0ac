"""Messages from templates: a subject, a text, and the same as HTML. Values are escaped in the HTML."""

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from clasio_backend.core.clock import now
from clasio_backend.core.config import get_settings


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, values: dict[str, Any]) -> Rendered:
    """The first line of the `.txt` file is the subject."""
    subject, _, text = _templates().get_template(f"{template}.txt").render(values).partition("\n")
    html = _templates().get_template(f"{template}.html").render(values)
    return Rendered(" ".join(subject.split()), text.strip() + "\n", html)


def message_of(mail_id: UUID, to_address: str, rendered: Rendered) -> EmailMessage:
    """Ready to send. A fixed Message-ID lets mail programs show a message once that was handed over twice."""
    settings = get_settings()
    message = EmailMessage()
    name, address = parseaddr(settings.mail_from)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = to_address
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{mail_id}@{urlsplit(settings.base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer from holiday robots
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    return message
