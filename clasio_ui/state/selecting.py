"""Lists in which several documents are selected, and one action on all of them."""

from collections.abc import Callable
from uuid import UUID

import reflex as rx

from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.bulk import DONE, each
from clasio_backend.documents.schemas import MAX_BULK
from clasio_ui import bridge
from clasio_ui.state.frame import FrameState

MAX_SENTENCES = 3


class Selecting(rx.State, mixin=True):
    """For a `Screen`; `_ids` are those of the page that is shown."""

    selected: list[str] = []
    _refused: list[str] = []

    @rx.var
    def selected_count(self) -> int:
        return len(self.selected)

    def _ids(self) -> list[str]:
        raise NotImplementedError

    async def _refresh(self) -> None:
        raise NotImplementedError

    @rx.event
    def toggle(self, document_id: str):
        """Selects a row, or takes it out of the selection."""
        is_selected = document_id in self.selected
        self.selected = [i for i in self.selected if i != document_id] + ([] if is_selected else [document_id])

    @rx.event
    def toggle_all(self):
        """Selects every row of this page, or none."""
        ids = self._ids()
        self.selected = [] if len(self.selected) == len(ids) else ids

    @rx.event
    def clear_selection(self):
        self.selected = []

    async def _each(self, service: Callable[[UnitOfWork, UUID], object], ids: list[str]) -> int:
        """Runs `service` for each document by itself; returns how many were done."""
        results = await bridge.in_scope(self, each, service, [bridge.row_id(one) for one in ids[:MAX_BULK]])
        self._refused = [f"{one.name}: {one.message}" for one in results if one.code != DONE and one.name]
        self._refused += [one.message for one in results if one.code != DONE and not one.name][:1]
        self.selected = []
        await self._refresh()
        return sum(one.code == DONE for one in results)

    async def _tell(self, text: str, *, undo: str = "") -> None:
        """Says how the last `_each` went, with a sentence for each document that was refused."""
        frame = await self.get_state(FrameState)
        frame._add_notice(text, undo_id=undo)  # noqa: SLF001  # states of one user interface
        shown, more = self._refused[:MAX_SENTENCES], len(self._refused) - MAX_SENTENCES
        for sentence in [*shown, *([f"{more} more were refused."] if more > 0 else [])]:
            frame._add_notice(sentence, "bad")  # noqa: SLF001  # as above


def documents(count: int) -> str:
    return f"{count:,} document" if count == 1 else f"{count:,} documents"
