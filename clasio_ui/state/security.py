"""One's own sign-ins on the settings page: which browsers are signed in, and the way to end them."""

from dataclasses import dataclass

import reflex as rx

from clasio_backend.accounts.schemas import SessionRow
from clasio_backend.accounts.sessions import end_other_sessions, end_session, list_sessions
from clasio_ui import bridge
from clasio_ui.state.frame import FrameState
from clasio_ui.state.rows import iso
from clasio_ui.state.screen import Screen


@dataclass(frozen=True)
class SessionItem:
    id: str
    device: str
    ip_address: str
    last_used_at: str
    is_current: bool
    provider: str


def session_item(row: SessionRow) -> SessionItem:
    return SessionItem(str(row.id), row.device, row.ip_address, iso(row.last_used_at), row.is_current, row.provider)


class OwnSessionsState(Screen, rx.State):
    items: list[SessionItem] = []

    @rx.var
    def has_others(self) -> bool:
        return len(self.items) > 1

    async def _fetch(self) -> None:
        person = await bridge.who(self)
        rows = await bridge.call(self, list_sessions, person.session_id)
        self.items = [session_item(row) for row in rows]

    @rx.event
    async def end(self, session_id: str):
        """Signs one browser out."""
        await bridge.call(self, end_session, bridge.row_id(session_id))
        await self._refresh()
        await self._say("That browser is signed out.")

    @rx.event
    async def end_others(self):
        """Signs out everywhere but here."""
        person = await bridge.who(self)
        ended = await bridge.call(self, end_other_sessions, person.session_id)
        await self._refresh()
        await self._say(f"{ended} {'browser is' if ended == 1 else 'browsers are'} signed out.")

    async def _say(self, sentence: str) -> None:
        frame = await self.get_state(FrameState)
        frame._add_notice(sentence, "good")  # noqa: SLF001  # states of one user interface
