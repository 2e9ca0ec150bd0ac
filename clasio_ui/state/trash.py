"""The trash: what is in it, back or gone for good."""

from dataclasses import dataclass

import reflex as rx

from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.schemas import TrashedRow, TrashPage, TrashQuery
from clasio_backend.documents.trash import (
    count_trash,
    list_trash,
    purge_document,
    request_empty_trash,
    restore_document,
)
from clasio_ui import bridge
from clasio_ui.state.paged import Paged
from clasio_ui.state.rows import DocumentItem, days_left, document_item, in_days, iso
from clasio_ui.state.screen import Screen
from clasio_ui.state.selecting import Selecting, documents


@dataclass(frozen=True)
class TrashItem:
    """`until` says in words how long it can still be restored."""

    id: str
    document: DocumentItem
    deleted_at: str
    deleted_by: str
    until: str


def trash_item(row: TrashedRow) -> TrashItem:
    return TrashItem(
        str(row.document.id),
        document_item(row.document),
        iso(row.deleted_at),
        row.deleted_by or "Clasio",
        in_days("Gone", days_left(row.purged_at)),
    )


class TrashState(Screen, Paged, Selecting, rx.State):
    items: list[TrashItem] = []
    count: int = 0
    may_purge: bool = False
    asking: str = ""
    """`empty`, `selected` or nothing: what the open dialog asks about."""

    @rx.event
    async def load(self):
        self._to_first_page()
        self.selected, self.asking = [], ""
        await self._refresh()

    def _ids(self) -> list[str]:
        return [item.id for item in self.items]

    async def _fetch(self) -> None:
        page, self.count, self.may_purge = await bridge.call(self, _trash, TrashQuery(cursor=self._cursor))
        self.items, self.next_cursor = [trash_item(row) for row in page.items], page.next_cursor or ""
        self.selected = [one for one in self.selected if one in self._ids()]

    @rx.event
    async def restore_selected(self):
        done = await self._each(restore_document, list(self.selected))
        await self._tell(f"{documents(done)} restored.")

    @rx.event
    async def restore(self, document_id: str):
        done = await self._each(restore_document, [document_id])
        await self._tell(f"{documents(done)} restored.")

    @rx.event
    def ask(self, what: str):
        """Opens the dialog before something goes for good."""
        self.asking = what if what in {"empty", "selected"} else ""

    @rx.event
    def keep(self):
        self.asking = ""

    @rx.event
    async def remove_for_good(self):
        """Does what the dialog asked about."""
        what, self.asking = self.asking, ""
        if what == "empty":
            going = await bridge.call(self, request_empty_trash)
            self._refused = []
            await self._refresh()
            await self._tell(f"{documents(going)} {'is' if going == 1 else 'are'} being removed for good.")
        elif what == "selected":
            done = await self._each(purge_document, list(self.selected))
            await self._tell(f"{documents(done)} removed for good.")


def _trash(uow: UnitOfWork, query: TrashQuery) -> tuple[TrashPage, int, bool]:
    return list_trash(uow, query), count_trash(uow), uow.scope.may(Permission.PURGE_DOCUMENTS)
