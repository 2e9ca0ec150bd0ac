"""A mail server on loopback that keeps what it is given, and refuses when it is told to."""

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from clasio_backend.cli.embedded.process import free_port


@dataclass(slots=True)
class Mailbox:
    """`refuse_with` answers every message with that reply, such as "451 later" or "550 no such person"."""

    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuse_with: str | None = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        if self.refuse_with is not None:
            return self.refuse_with
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients.extend(envelope.rcpt_tos)
        return "250 OK"


class MailServer:
    """`url` is what SMTP_URL wants; `mailbox` holds what arrived."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self._controller = Controller(self.mailbox, hostname="127.0.0.1", port=free_port())

    def start(self) -> None:
        self._controller.start()
        self._is_running = True

    def stop(self) -> None:
        """Ends it; a test may have done so already."""
        if self._is_running:
            self._controller.stop()
        self._is_running = False

    @property
    def url(self) -> str:
        return f"smtp://{self._controller.hostname}:{self._controller.port}"
