"""Search over the whole organization; the query and its filters are in the URL."""

import reflex as rx
from pydantic import ValidationError

from clasio_backend.core.errors import ValidationFailed
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents
from clasio_ui import bridge
from clasio_ui.routes import search_path
from clasio_ui.state.rows import FacetItem, HitItem, hit_item
from clasio_ui.state.screen import Screen

FILTERS = ("category", "type")


class SearchState(Screen, rx.State):
    q: str = ""
    category: str = ""
    type: str = ""
    hits: list[HitItem] = []
    total: int = 0
    categories: list[FacetItem] = []
    types: list[FacetItem] = []
    next_cursor: str = ""

    @rx.event
    async def load(self):
        """Searches for what the address says."""
        wanted = self.router.url.query_parameters
        self.q, self.category, self.type = wanted.get("q", ""), wanted.get("category", ""), wanted.get("type", "")
        await self._refresh()

    async def _fetch(self) -> None:
        page = await bridge.call(self, search_documents, self._query(None))
        self.hits = [hit_item(hit, self.q) for hit in page.items]
        self.total, self.next_cursor = page.total, page.next_cursor or ""
        self.categories = [FacetItem(facet.value, facet.hits) for facet in page.categories]
        self.types = [FacetItem(facet.value, facet.hits) for facet in page.types]

    def _query(self, cursor: str | None) -> SearchQuery:
        try:
            return SearchQuery(
                q=self.q[:400], category=self.category[:100] or None, type=self.type[:100] or None, cursor=cursor
            )
        except ValidationError as error:
            raise ValidationFailed("This address holds a filter that does not exist. Search again.") from error

    def _concerns(self, changed: frozenset[str]) -> bool:
        return bool({hit.item.id for hit in self.hits} & changed)

    @rx.event
    async def more(self):
        """Adds the next hits below."""
        if self.next_cursor:
            page = await bridge.call(self, search_documents, self._query(self.next_cursor), with_facets=False)
            self.hits = [*self.hits, *(hit_item(hit, self.q) for hit in page.items)]
            self.next_cursor = page.next_cursor or ""

    @rx.event
    def narrow(self, name: str, value: str):
        """Puts a filter into the URL; an empty value removes it."""
        now = {"category": self.category, "type": self.type} | {name: value}
        return rx.redirect(search_path(self.q, **{each: now[each] for each in FILTERS if now[each]}))
