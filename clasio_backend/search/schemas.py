from dataclasses import dataclass

from pydantic import Field

from clasio_backend.documents.schemas import DocumentFilter, DocumentRow

PAGE_SIZE = 20


class SearchQuery(DocumentFilter):
    """`q` as people type it: words, "a phrase", -word; the last word may be unfinished."""

    q: str = Field(default="", max_length=400)
    cursor: str | None = Field(default=None, max_length=600)
    limit: int = Field(default=PAGE_SIZE, ge=1, le=100)


@dataclass(frozen=True, slots=True)
class SnippetPart:
    """A piece of a snippet, as plain text; `marked` when it matches the query."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class SearchHit:
    document: DocumentRow
    name: tuple[SnippetPart, ...]
    snippet: tuple[SnippetPart, ...]
    rank: float


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter that would narrow this search, and how many hits it would leave."""

    value: str
    hits: int


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`total` counts the ranked hits (at most 1,000)."""

    items: tuple[SearchHit, ...]
    total: int
    categories: tuple[Facet, ...]
    types: tuple[Facet, ...]
    next_cursor: str | None
