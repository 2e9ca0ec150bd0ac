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

_ARGUMENTS = """
    CAST(:query AS text), CAST(:name AS text), CAST(:category AS uuid), CAST(:mime_types AS text[]), CAST(:stage AS text),
    CAST(:uploader AS uuid), CAST(:source AS text), CAST(:from_time AS timestamptz), CAST(:to_time AS timestamptz)
"""


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
    """Calls the two search functions, which filter by the transaction's organization themselves."""

    model = DocumentText
    what = "document"

    def ranked_ids(
        self, query: ParsedQuery, filters: Filters, after: tuple[float, UUID] | None, limit: int
    ) -> list[tuple[UUID, float]]:
        values = filters.as_arguments(query) | {
            "after_rank": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
        }
        statement = text(
            f"SELECT document_id, rank FROM search_documents({_ARGUMENTS}, CAST(:after_rank AS real), CAST(:after_id AS uuid), :limit)"  # noqa: S608  # a constant
        )
        return [(row[0], row[1]) for row in self._session.execute(statement, values)]

    def count_hits(self, query: ParsedQuery, filters: Filters) -> list[tuple[UUID | None, str, int]]:
        statement = text(f"SELECT category_id, mime_type, hits FROM count_search_hits({_ARGUMENTS})")  # noqa: S608  # a constant
        return [(row[0], row[1], row[2]) for row in self._session.execute(statement, filters.as_arguments(query))]

    def passages(self, ids: list[UUID], words: tuple[str, ...]) -> dict[UUID, str]:
        """Of each document's text, the part around the first occurrence of the longest word that was asked for."""
        position = func.strpos(func.lower(DocumentText.text), max(words, key=len, default=""))
        statement = self._select(
            DocumentText.document_id,
            func.substr(DocumentText.text, func.greatest(1, position - PASSAGE // 3), PASSAGE),
        ).where(col(DocumentText.document_id).in_(ids))
        return {row[0]: row[1] for row in self._session.execute(statement)}
