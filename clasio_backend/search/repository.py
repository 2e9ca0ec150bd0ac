from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import col

from clasio_backend.core.repository import ScopedRepository
from clasio_backend.documents.repository import mime_types_called
from clasio_backend.documents.schemas import DocumentFilter
from clasio_backend.models import DocumentText
from clasio_backend.search.query import ParsedQuery

PASSAGE = 1200
"""Characters around the first match that are read to make a snippet."""

_SEARCH = text(
    """
    SELECT document_id, rank, category_id, mime_type, hits FROM search_documents(
        CAST(:query AS text), CAST(:name AS text), CAST(:category AS uuid), CAST(:mime_types AS text[]),
        CAST(:stage AS text), CAST(:uploader AS uuid), CAST(:source AS text), CAST(:from_time AS timestamptz),
        CAST(:to_time AS timestamptz), CAST(:after_rank AS real), CAST(:after_id AS uuid), CAST(:limit AS integer),
        :facets)
    """
)


@dataclass(frozen=True, slots=True)
class Found:
    """`ranked`: (document id, rank), best first; `facets`: (category id, MIME type, hits)."""

    ranked: list[tuple[UUID, float]]
    facets: list[tuple[UUID | None, str, int]]


@dataclass(frozen=True, slots=True)
class Filters:
    """A document filter with its names resolved to ids."""

    wanted: DocumentFilter
    category_id: UUID | None

    def as_arguments(self, query: ParsedQuery) -> dict[str, object]:
        return {
            "query": query.tsquery,
            "name": query.name,
            "category": self.category_id,
            "mime_types": mime_types_called(self.wanted.type) if self.wanted.type else None,
            "stage": self.wanted.stage,
            "uploader": self.wanted.uploaded_by,
            "source": self.wanted.source,
            "from_time": self.wanted.created_from,
            "to_time": self.wanted.created_to,
        }


class SearchRepository(ScopedRepository[DocumentText]):
    """Calls the search function, which filters by the transaction's organization itself."""

    model = DocumentText
    what = "document"
    document_column = "document_id"

    def search(
        self, query: ParsedQuery, filters: Filters, after: tuple[float, UUID] | None, limit: int, *, with_facets: bool
    ) -> Found:
        """The best `limit` hits after `after`, and how many there are of each category and type."""
        values = filters.as_arguments(query) | {
            "after_rank": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
            "facets": with_facets,
        }
        rows = list(self._session.execute(_SEARCH, values))
        return Found(
            ranked=[(row.document_id, row.rank) for row in rows if row.document_id is not None],
            facets=[(row.category_id, row.mime_type, row.hits) for row in rows if row.document_id is None],
        )

    def passages(self, ids: list[UUID], words: tuple[str, ...]) -> dict[UUID, str]:
        """Of each document's text, the part around the first occurrence of the longest word that was asked for."""
        position = func.strpos(func.lower(DocumentText.text), max(words, key=len, default=""))
        statement = self._select(
            DocumentText.document_id,
            func.substr(DocumentText.text, func.greatest(1, position - PASSAGE // 3), PASSAGE),
        ).where(col(DocumentText.document_id).in_(ids))
        return {row[0]: row[1] for row in self._session.execute(statement)}
