"""The quarantine: what the scanner caught, deleted or let go by an owner."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx
from pydantic import ValidationError

from clasio_backend.documents.quarantine import delete_quarantined, list_quarantine, release_document
from clasio_backend.documents.schemas import QuarantinedRow, QuarantineQuery, Release
from clasio_ui import bridge
from clasio_ui.state.frame import FrameState
from clasio_ui.state.paged import Paged
from clasio_ui.state.rows import DocumentItem, document_item, iso
from clasio_ui.state.screen import Screen

MEASURED = "Clasio.Limits: "


@dataclass(frozen=True)
class QuarantineItem:
    """`found` is the signature, or the limit in words."""

    id: str
    document: DocumentItem
    found: str
    engine: str
    caught_at: str


def quarantine_item(row: QuarantinedRow) -> QuarantineItem:
    limit = row.signature.removeprefix(MEASURED)
    found = row.signature if limit == row.signature else f"Cannot be scanned as a whole: {limit}"
    engine = " ".join(row.engine.split("/")[:2])
    return QuarantineItem(str(row.document.id), document_item(row.document), found, engine, iso(row.caught_at))


class QuarantineState(Screen, Paged, rx.State):
    items: list[QuarantineItem] = []
    asking: str = ""
    """`release`, `delete` or nothing: what the open dialog asks about."""
    asked_id: str = ""
    asked_name: str = ""
    reason_error: str = ""

    @rx.event
    async def load(self):
        self._to_first_page()
        self._close()
        await self._refresh()

    async def _fetch(self) -> None:
        page = await bridge.call(self, list_quarantine, QuarantineQuery(cursor=self._cursor))
        self.items, self.next_cursor = [quarantine_item(row) for row in page.items], page.next_cursor or ""

    @rx.event
    def ask(self, what: str, document_id: str):
        """Opens the dialog about one of the listed documents."""
        found = next((item for item in self.items if item.id == document_id), None)
        if found is not None and what in {"release", "delete"}:
            self.asking, self.asked_id, self.asked_name, self.reason_error = what, found.id, found.document.name, ""

    @rx.event
    def close(self):
        self._close()

    def _close(self) -> None:
        self.asking, self.asked_id, self.asked_name, self.reason_error = "", "", "", ""

    @rx.event
    async def release(self, form: dict[str, str]):
        """Lets the document of the dialog go, with the reason that was typed."""
        try:
            wanted = Release(reason=str(form.get("reason", "")))
        except ValidationError:
            self.reason_error = "Say in 3 to 500 characters why it may be opened."
            return
        document_id = self.asked_id
        self._close()
        await self._do(release_document, document_id, wanted, told="Released. It is being read.")

    @rx.event
    async def delete(self):
        """Removes the document of the dialog for good."""
        document_id = self.asked_id
        self._close()
        await self._do(delete_quarantined, document_id, told="Deleted for good.")

    async def _do(self, service: Callable[..., Any], document_id: str, *arguments: Any, told: str) -> None:
        try:
            await bridge.call(self, service, bridge.row_id(document_id), *arguments)
        finally:
            await self._refresh()
        frame = await self.get_state(FrameState)
        frame._add_notice(told, "good")  # noqa: SLF001  # states of one user interface
        await frame._count()  # noqa: SLF001  # as above
