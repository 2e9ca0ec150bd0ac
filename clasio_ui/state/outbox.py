"""The outbox: messages that no mail server took, for operators."""

import reflex as rx

from clasio_backend.mail.service import can_send, list_kept_mails
from clasio_ui import bridge
from clasio_ui.state.people import MailItem, mail_item
from clasio_ui.state.screen import Screen


class OutboxState(Screen, rx.State):
    mails: list[MailItem] = []
    has_server: bool = False

    async def _fetch(self) -> None:
        self.mails = [mail_item(mail) for mail in await bridge.operate(self, list_kept_mails)]
        self.has_server = can_send()
