"""The list of documents: filters and order from the URL, one page in state, several selected at a time."""

import reflex as rx

from clasio_backend.analysis.bulk import read_progress
from clasio_backend.analysis.schemas import AnalysisProgress
from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.schemas import DocumentPage, DocumentQuery, Sort
from clasio_backend.documents.service import list_documents, retry_document
from clasio_backend.documents.trash import restore_document, trash_document
from clasio_backend.models.documents import Outcome, Stage
from clasio_backend.usage.schemas import UsageRow
from clasio_backend.usage.service import read_usage
from clasio_ui import bridge
from clasio_ui.routes import archive_path, documents_path
from clasio_ui.state.estimates import progress_words
from clasio_ui.state.frame import FrameState
from clasio_ui.state.meters import FULL, LimitItem, limit_items
from clasio_ui.state.paged import Paged
from clasio_ui.state.rows import OUTCOME_LABELS, STAGE_LABELS, DocumentItem, document_item
from clasio_ui.state.screen import Screen
from clasio_ui.state.selecting import Selecting, documents

FILTERS = ("category", "type", "stage", "outcome", "source")
"""Vars that read these by name say so: Reflex finds only what a var names itself."""


class DocumentsState(Screen, Paged, Selecting, rx.State):
    items: list[DocumentItem] = []
    limits: list[LimitItem] = []
    progress: str = ""
    """What is still to be analysed, when it is more than a few documents or waits for a limit."""
    category: str = ""
    type: str = ""
    stage: str = ""
    outcome: str = ""
    source: str = ""
    sort: str = Sort.NEWEST.value

    @rx.var(deps=[*FILTERS], auto_deps=False)
    def filters(self) -> list[tuple[str, str]]:
        """The filters in force: (name in the URL, words)."""
        words = {"stage": STAGE_LABELS, "outcome": OUTCOME_LABELS}
        found = [(name, getattr(self, name)) for name in FILTERS]
        return [(name, str(words.get(name, {}).get(value, value))) for name, value in found if value]

    @rx.var(deps=[*FILTERS], auto_deps=False)
    def is_filtered(self) -> bool:
        return any(getattr(self, name) for name in FILTERS)

    @rx.var
    def selected_as_zip(self) -> str:
        return archive_path(self.selected)

    @rx.var(deps=[*FILTERS], auto_deps=False)
    def filtered_as_zip(self) -> str:
        return archive_path(**{name: getattr(self, name) for name in FILTERS if getattr(self, name)})

    @rx.event
    async def load(self):
        """Takes filters and order from the URL, and loads the first page of them."""
        wanted = self.router.url.query_parameters
        for name in FILTERS:
            setattr(self, name, wanted.get(name, ""))
        self.sort = wanted.get("sort", Sort.NEWEST.value)
        self._to_first_page()
        self.selected = []
        await self._refresh()

    def _ids(self) -> list[str]:
        return [item.id for item in self.items]

    async def _fetch(self) -> None:
        page, usage, progress = await bridge.call(self, _documents, self._query())
        self.progress = progress_words(progress)
        self.items = [document_item(row) for row in page.items]
        self.limits = limit_items(usage, least=FULL)
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
                cursor=self._cursor,
            )
        except ValueError as error:
            raise ValidationFailed("This address holds a filter that does not exist. Remove the filters.") from error

    @rx.event
    def set_filter(self, name: str, value: str):
        """Puts one filter into the URL; an empty value removes it."""
        return rx.redirect(self._path(**({name: value} if name in FILTERS else {})))

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
    async def trash_selected(self):
        """Moves the selected documents to the trash; the notice offers to undo it."""
        ids = list(self.selected)
        done = await self._each(trash_document, ids)
        await self._tell(f"{documents(done)} moved to trash.", undo=",".join(ids))

    @rx.event
    async def retry_selected(self):
        """Tries the failed step of the selected documents again."""
        done = await self._each(retry_document, list(self.selected))
        await self._tell(f"{documents(done)} queued again.")

    @rx.event
    async def undo_trash(self, ids: str, number: int):
        """Takes what the notice names out of the trash again."""
        frame = await self.get_state(FrameState)
        frame.notices = [notice for notice in frame.notices if notice.id != number]
        done = await self._each(restore_document, ids.split(","))
        await self._tell(f"{documents(done)} restored.")


def _documents(uow: UnitOfWork, query: DocumentQuery) -> tuple[DocumentPage, UsageRow, AnalysisProgress]:
    return list_documents(uow, query), read_usage(uow), read_progress(uow)
