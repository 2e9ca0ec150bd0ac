"""One document: its text, its values with inline edit, its stages, its activity."""

from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from clasio_backend.activity.schemas import ActivityRow
from clasio_backend.activity.service import list_of_document
from clasio_backend.analysis.analyzer import Mode
from clasio_backend.analysis.service import request_analysis
from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.ids import new_id
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.rescans import scan_now
from clasio_backend.documents.schemas import DocumentChange, DocumentDetail, DocumentTextRow, ValueChoice
from clasio_backend.documents.service import change_document, get_document, get_text, retry_document
from clasio_backend.documents.trash import restore_document, trash_document
from clasio_backend.documents.values import accept_value, take_back_value
from clasio_backend.search.hits import first_page_with
from clasio_backend.sharing.schemas import ShareRow
from clasio_backend.sharing.service import list_shares_of
from clasio_ui import bridge
from clasio_ui.routes import DOCUMENTS
from clasio_ui.state.frame import FrameState
from clasio_ui.state.rows import ActivityItem, DocumentItem, DocumentView, activity_items, document_view
from clasio_ui.state.screen import Screen
from clasio_ui.state.sharing import ShareItem, share_item

SHOWN_CHARACTERS = 40_000
EDITABLE = ("name", "category", "document_type", "summary", "language", "issued_on", "due_on", "expires_on")
_NOTHING = DocumentView(DocumentItem(*[""] * 5, 0, *[""] * 12))


class DocumentState(Screen, rx.State):
    view: DocumentView = _NOTHING
    pages: list[str] = []
    shows_text: bool = False
    q: str = ""
    first_hit: int = 1
    is_text_cut: bool = False
    activity: list[ActivityItem] = []
    shares: list[ShareItem] = []
    editing: str = ""
    edit_error: str = ""

    def _id(self) -> UUID:
        return bridge.row_id(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])

    def _concerns(self, changed: frozenset[str]) -> bool:
        return not changed or str(self.view.item.id) in changed

    @rx.event
    async def load(self):
        """Loads the document that the address names."""
        self.view, self.pages, self.editing, self.is_loading = _NOTHING, [], "", True
        self.shows_text, self.q = False, self.router.url.query_parameters.get("q", "")[:400]
        yield
        await self._refresh()

    async def _fetch(self) -> None:
        detail, text, activity, shares = await bridge.call(self, _everything, self._id())
        self.view = document_view(detail)
        self.shares = [share_item(row) for row in shares]
        shown = text.text[:SHOWN_CHARACTERS]
        self.pages = [page.strip() for page in shown.split("\f") if page.strip()]
        self.first_hit = first_page_with(self.q, text.text)
        self.is_text_cut = text.is_truncated or len(text.text) > SHOWN_CHARACTERS
        self.activity = activity_items(activity)

    @rx.event
    def switch_text(self):
        """Shows the text in place of the pages, or the pages again."""
        self.shows_text = not self.shows_text

    @rx.event
    def edit(self, field: str):
        """Opens the inline editor of one value; an empty name closes it."""
        self.editing, self.edit_error = (field if field in EDITABLE else ""), ""

    @rx.event
    async def save(self, form: dict[str, str]):
        """Saves the value being edited; what was typed stays when it is refused."""
        field, value = self.editing, (form.get("value") or "").strip()
        if field not in EDITABLE:
            return
        try:
            change = DocumentChange.model_validate({field: value or None})
            await bridge.call(self, change_document, self._id(), change)
        except ValidationError as error:
            self.edit_error = bridge.finding(error)
            return
        except ValidationFailed as error:
            self.edit_error = error.message
            return
        self.editing = ""
        await self._refresh()

    @rx.event
    async def accept(self, name: str):
        """Makes what AI said a person's value."""
        await bridge.call(self, accept_value, self._id(), ValueChoice.model_validate({"value": name}))
        await self._refresh()

    @rx.event
    async def undo(self, name: str):
        """Takes a person's last change of a value back."""
        await bridge.call(self, take_back_value, self._id(), ValueChoice.model_validate({"value": name}))
        await self._refresh()

    @rx.event
    async def switch_sending(self):
        """Marks the document “never send to AI”, or takes the mark away."""
        change = DocumentChange(never_send=not self.view.never_send)
        await bridge.call(self, change_document, self._id(), change)
        await self._refresh()

    @rx.event
    async def retry(self):
        """Tries the failed step again."""
        await bridge.call(self, retry_document, self._id())
        await self._refresh()

    @rx.event
    async def scan(self):
        """Has a document scanned that came in while the scanner was off."""
        await bridge.call(self, scan_now, self._id())
        frame = await self.get_state(FrameState)
        frame._add_notice("The virus scan is queued.", "good")  # noqa: SLF001  # states of one user interface
        await self._refresh()

    @rx.event
    async def analyse(self, mode: str):
        """Asks for another analysis, fast or thorough."""
        wanted: Mode = "thorough" if mode == "thorough" else "fast"
        await bridge.call(self, request_analysis, self._id(), wanted, key=new_id().hex)
        await self._refresh()

    @rx.event
    async def trash(self):
        """Moves the document to the trash and goes back to the list, where the notice offers to undo it."""
        await bridge.call(self, trash_document, self._id())
        frame = await self.get_state(FrameState)
        frame._add_notice("1 document moved to trash.", undo_id=str(self._id()))  # noqa: SLF001  # states of one user interface
        return rx.redirect(DOCUMENTS)

    @rx.event
    async def restore(self):
        await bridge.call(self, restore_document, self._id())
        await self._refresh()


def _everything(
    uow: UnitOfWork, document_id: UUID
) -> tuple[DocumentDetail, DocumentTextRow, list[ActivityRow], list[ShareRow]]:
    document = get_document(uow, document_id)
    return (
        document,
        get_text(uow, document_id) if document.is_open else DocumentTextRow("", is_truncated=False),
        list_of_document(uow, document_id),
        list_shares_of(uow, document_id),
    )
