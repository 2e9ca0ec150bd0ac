"""The mail server behind SMTP_URL: `smtp://` (with STARTTLS) or `smtps://`."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from clasio_backend.core.config import is_loopback
from clasio_backend.core.errors import ProviderError

TIMEOUT_SECONDS = 15
_PORTS = {"smtp": 587, "smtps": 465}
_PERMANENT = 500


def send(url: str, message: EmailMessage) -> None:
    """Hands one message over; raises `ProviderError`, retryable unless refused for good (RFC 5321 §4.2.1)."""
    try:
        with _connected(url) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=0)
        raise _refused(code) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ProviderError(
            "The mail server cannot be reached. Check SMTP_URL.", retryable=True, code="mail_server_away"
        ) from error


def _connected(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or _PORTS.get(parts.scheme, 587)
    tls = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=tls)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
        server.ehlo_or_helo_if_needed()
        if server.has_extn("starttls"):
            server.starttls(context=tls)
        elif not is_loopback(url):
            server.close()
            raise ProviderError(
                "The mail server offers no encryption (STARTTLS), so nothing was sent.",
                retryable=False,
                code="mail_not_encrypted",
            )
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def _refused(code: int) -> ProviderError:
    is_final = code >= _PERMANENT
    return ProviderError(
        f"The mail server refused the message (code {code}).", retryable=not is_final, code="mail_refused"
    )
