"""The palette: documents that fit what is typed, a few of the best, while somebody types."""

from dataclasses import dataclass

import reflex as rx

from clasio_backend.search.schemas import SearchHit, SearchQuery
from clasio_backend.search.service import search_documents
from clasio_ui import bridge
from clasio_ui.routes import MEMBERS, document_path
from clasio_ui.state.members import MembersState

SHOWN = 6
LONGEST = 200


@dataclass(frozen=True)
class FoundItem:
    id: str
    name: str
    href: str
    detail: str


def found_item(hit: SearchHit) -> FoundItem:
    row = hit.document
    return FoundItem(str(row.id), row.name, document_path(str(row.id)), row.category or row.type_label)


class PaletteState(rx.State):
    """`found` fits `found_for`; an answer to something older is told apart by it."""

    found: list[FoundItem] = []
    found_for: str = ""

    @rx.event
    async def find(self, q: str):
        """Looks for documents of the organization by name and text."""
        q = q[:LONGEST]
        page = await bridge.call(self, search_documents, SearchQuery(q=q, limit=SHOWN), with_facets=False)
        self.found, self.found_for = [found_item(hit) for hit in page.items], q

    @rx.event
    def invite(self):
        """Goes to the members, with the dialog open."""
        return [MembersState.open_invite, rx.redirect(MEMBERS)]
