"""The list of documents: filters and order from the URL, one page in state, several selected at a time."""

from collections.abc import Callable
from uuid import UUID

import reflex as rx

from clasio_backend.core.errors import ClasioError, NotSignedIn, ValidationFailed
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.schemas import DocumentQuery, Sort
from clasio_backend.documents.service import list_documents, restore_document, retry_document, trash_document
from clasio_backend.models.documents import Outcome, Stage
from clasio_ui import bridge
from clasio_ui.routes import documents_path
from clasio_ui.state.frame import FrameState
from clasio_ui.state.rows import OUTCOME_LABELS, STAGE_LABELS, DocumentItem, document_item
from clasio_ui.state.screen import Screen

FILTERS = ("category", "type", "stage", "outcome", "source")


class DocumentsState(Screen, rx.State):
    items: list[DocumentItem] = []
    selected: list[str] = []
    category: str = ""
    type: str = ""
    stage: str = ""
    outcome: str = ""
    source: str = ""
    sort: str = Sort.NEWEST.value
    next_cursor: str = ""
    page_number: int = 1
    _cursors: list[str] = []

    @rx.var
    def filters(self) -> list[tuple[str, str]]:
        """The filters in force: (name in the URL, words)."""
        words = {"stage": STAGE_LABELS, "outcome": OUTCOME_LABELS}
        found = [(name, getattr(self, name)) for name in FILTERS]
        return [(name, str(words.get(name, {}).get(value, value))) for name, value in found if value]

    @rx.var
    def is_filtered(self) -> bool:
        return any(getattr(self, name) for name in FILTERS)

    @rx.var
    def selected_count(self) -> int:
        return len(self.selected)

    @rx.event
    async def load(self):
        """Takes filters and order from the URL, and loads the first page of them."""
        wanted = self.router.url.query_parameters
        for name in FILTERS:
            setattr(self, name, wanted.get(name, ""))
        self.sort = wanted.get("sort", Sort.NEWEST.value)
        self._cursors, self.page_number, self.selected = [], 1, []
        await self._refresh()

    async def _fetch(self) -> None:
        page = await bridge.call(self, list_documents, self._query())
        self.items = [document_item(row) for row in page.items]
        self.next_cursor = page.next_cursor or ""

    def _query(self) -> DocumentQuery:
        try:
            return DocumentQuery(
                category=self.category or None,
                type=self.type or None,
                stage=Stage(self.stage) if self.stage else None,
                outcome=Outcome(self.outcome) if self.outcome else None,
                source=self.source or None,
                sort=Sort(self.sort),
                cursor=self._cursors[-1] if self._cursors else None,
            )
        except ValueError as error:
            raise ValidationFailed("This address holds a filter that does not exist. Remove the filters.") from error

    @rx.event
    def set_filter(self, name: str, value: str):
        """Puts one filter into the URL; an empty value removes it."""
        return rx.redirect(self._path(**{name: value}))

    @rx.event
    def set_sort(self, sort: str):
        return rx.redirect(self._path(sort=sort))

    @rx.event
    def clear_filters(self):
        return rx.redirect(documents_path())

    def _path(self, **change: str) -> str:
        now = {name: getattr(self, name) for name in FILTERS} | {"sort": self.sort} | change
        if now["sort"] == Sort.NEWEST.value:
            del now["sort"]
        return documents_path(**{name: value for name, value in now.items() if value})

    @rx.event
    async def next_page(self):
        if self.next_cursor:
            self._cursors = [*self._cursors, self.next_cursor]
            self.page_number += 1
            await self._refresh()

    @rx.event
    async def previous_page(self):
        if self._cursors:
            self._cursors = self._cursors[:-1]
            self.page_number -= 1
            await self._refresh()

    @rx.event
    def toggle(self, document_id: str):
        """Selects a row, or takes it out of the selection."""
        is_selected = document_id in self.selected
        self.selected = [i for i in self.selected if i != document_id] + ([] if is_selected else [document_id])

    @rx.event
    def toggle_all(self):
        """Selects every row of this page, or none."""
        ids = [item.id for item in self.items]
        self.selected = [] if len(self.selected) == len(ids) else ids

    @rx.event
    def clear_selection(self):
        self.selected = []

    @rx.event
    async def trash_selected(self):
        """Moves the selected documents to the trash; the notice offers to undo it."""
        ids = list(self.selected)
        failed = await self._each(trash_document, ids)
        self.selected = []
        await self._refresh()
        await self._tell(f"{_documents(len(ids) - len(failed))} moved to trash.", failed, undo=",".join(ids))

    @rx.event
    async def retry_selected(self):
        """Tries the failed step of the selected documents again."""
        ids = list(self.selected)
        failed = await self._each(retry_document, ids)
        self.selected = []
        await self._refresh()
        await self._tell(f"{_documents(len(ids) - len(failed))} queued again.", failed)

    @rx.event
    async def undo_trash(self, ids: str, number: int):
        """Takes what the notice names out of the trash again."""
        failed = await self._each(restore_document, ids.split(","))
        frame = await self.get_state(FrameState)
        frame.notices = [notice for notice in frame.notices if notice.id != number]
        await self._refresh()
        await self._tell(f"{_documents(len(ids.split(',')) - len(failed))} restored.", failed)

    async def _each(self, service: Callable[[UnitOfWork, UUID], object], ids: list[str]) -> list[str]:
        """Runs `service` for each document, each in a step of its own; the sentences of those that were refused."""
        failed = []
        for document_id in ids:
            try:
                await bridge.call(self, service, bridge.row_id(document_id))
            except NotSignedIn:
                raise
            except ClasioError as error:
                failed.append(error.message)
        return failed

    async def _tell(self, text: str, failed: list[str], *, undo: str = "") -> None:
        frame = await self.get_state(FrameState)
        frame._add_notice(text, undo_id=undo)  # noqa: SLF001  # states of one user interface
        for sentence in dict.fromkeys(failed):
            frame._add_notice(sentence, "bad")  # noqa: SLF001  # as above


def _documents(count: int) -> str:
    return f"{count:,} document" if count == 1 else f"{count:,} documents"
