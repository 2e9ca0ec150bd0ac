"""Before many documents are analysed: what it would take, told in a dialog."""

from uuid import UUID

import reflex as rx

from clasio_backend.analysis import bulk
from clasio_backend.analysis.analyzer import Mode
from clasio_backend.analysis.schemas import BulkAnalysis
from clasio_backend.core.errors import Conflict
from clasio_backend.core.ids import new_id
from clasio_backend.documents.schemas import MAX_BULK
from clasio_ui import bridge
from clasio_ui.state.documents import FILTERS, DocumentsState
from clasio_ui.state.estimates import EstimateItem, estimate_item
from clasio_ui.state.frame import FrameState
from clasio_ui.state.selecting import documents


class AnalysingState(rx.State):
    asking: str = ""
    """`selected`, `filtered` or nothing: which documents the open dialog is about."""
    mode: str = "fast"
    estimate: EstimateItem = EstimateItem()
    refusal: str = ""
    _ids: list[str] = []
    _filters: dict[str, str] = {}

    @rx.event
    async def ask(self, what: str):
        """Opens the dialog for the documents that are selected, or that fit the filters."""
        page = await self.get_state(DocumentsState)
        self._ids = list(page.selected)[:MAX_BULK] if what == "selected" else []
        self._filters = {name: getattr(page, name) for name in FILTERS if getattr(page, name) and what == "filtered"}
        if not self._ids and not self._filters:  # neither means all documents: nobody asks for that by mistake
            return
        self.asking = what
        self.mode = "fast"
        await self._estimate()

    @rx.event
    async def choose(self, mode: str):
        """Fast or thorough."""
        self.mode = "thorough" if mode == "thorough" else "fast"
        await self._estimate()

    @rx.event
    def close(self):
        self.asking, self.refusal, self.estimate = "", "", EstimateItem()

    @rx.event
    async def start(self):
        """Queues the analyses; what is left of them shows above the list, also after a reload."""
        wanted, is_asked = self._wanted(), self.asking != "" and bool(self._ids or self._filters)
        self.asking = ""
        if not is_asked:
            return None
        started = await bridge.in_scope(self, bulk.start, wanted, key=new_id().hex)
        frame = await self.get_state(FrameState)
        frame._add_notice(f"{documents(started.documents)} queued for analysis.")  # noqa: SLF001  # states of one user interface
        return [DocumentsState.clear_selection, DocumentsState.load]

    async def _estimate(self) -> None:
        try:
            self.estimate = estimate_item(await bridge.call(self, bulk.estimate, self._wanted()))
        except Conflict as error:
            self.estimate, self.refusal = EstimateItem(), error.message
        else:
            self.refusal = "" if self.estimate.documents else "None of these has text to be analysed right now."

    def _wanted(self) -> BulkAnalysis:
        mode: Mode = "thorough" if self.mode == "thorough" else "fast"
        ids: list[UUID] = [bridge.row_id(one) for one in self._ids]
        return BulkAnalysis.model_validate(self._filters | {"ids": ids, "mode": mode})
