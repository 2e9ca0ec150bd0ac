import html
from dataclasses import dataclass, fields
from typing import Annotated

from fastapi import APIRouter, Query

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentRow
from clasio_backend.http.api_v1.answers import problems
from clasio_backend.http.callers import Caller
from clasio_backend.search import service
from clasio_backend.search.schemas import Facet, SearchHit, SearchQuery, SnippetPart

router = APIRouter(prefix="/search", tags=["search"])


@dataclass(frozen=True, slots=True)
class HitOut(DocumentRow):
    """A document that matches; `snippet` is escaped HTML in which only `<mark>` is an element."""

    snippet: str
    rank: float


@dataclass(frozen=True, slots=True)
class SearchOut:
    items: list[HitOut]
    total: int
    categories: list[Facet]
    types: list[Facet]
    next_cursor: str | None


@router.get("", responses=problems())
def search(scope: Caller, query: Annotated[SearchQuery, Query()]) -> SearchOut:
    """Full text over names, text, summaries, categories and types: words, "phrases", -word; best first."""
    with unit_of_work(scope) as uow:
        page = service.search_documents(uow, query)
    return SearchOut(
        items=[_hit(hit) for hit in page.items],
        total=page.total,
        categories=list(page.categories),
        types=list(page.types),
        next_cursor=page.next_cursor,
    )


def _hit(hit: SearchHit) -> HitOut:
    document = {field.name: getattr(hit.document, field.name) for field in fields(hit.document)}
    return HitOut(**document, snippet=_html(hit.snippet), rank=hit.rank)


def _html(parts: tuple[SnippetPart, ...]) -> str:
    return "".join(
        f"<mark>{html.escape(part.text)}</mark>" if part.marked else html.escape(part.text) for part in parts
    )
