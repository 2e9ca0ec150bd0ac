"""Search over names, text and values of one organization's documents."""

import struct
from collections import Counter
from uuid import UUID

from clasio_backend.core.cursors import decode_cursor, encode_cursor
from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.scope import Permission
from clasio_backend.core.unit_of_work import UnitOfWork
from clasio_backend.documents.file_types import file_type_of
from clasio_backend.documents.opening import is_open
from clasio_backend.documents.repository import DocumentRepository
from clasio_backend.documents.rows import to_row
from clasio_backend.organizations.repository import CategoryRepository
from clasio_backend.search.query import ParsedQuery, parse_query
from clasio_backend.search.repository import Filters, Found, SearchRepository
from clasio_backend.search.schemas import Facet, SearchHit, SearchPage, SearchQuery
from clasio_backend.search.snippets import mark, snippet
from clasio_backend.security import rates
from clasio_backend.security.rate_limit import take

EMPTY = SearchPage((), 0, (), (), None)
MAX_FACETS = 20


def search_documents(uow: UnitOfWork, query: SearchQuery, *, with_facets: bool = True) -> SearchPage:
    """The best hits first. An empty query finds nothing; an unknown category is refused.

    Raises `TooManyRequests`.
    """
    uow.scope.require(Permission.READ_DOCUMENTS)
    take((rates.SEARCHES.of(str(uow.scope.user_id)),))
    parsed = parse_query(query.q)
    if parsed.is_empty:
        return EMPTY
    filters = Filters(query, _category_id(uow, query.category))
    found = uow.repository(SearchRepository).search(
        parsed, filters, _after(query.cursor), query.limit + 1, with_facets=with_facets
    )
    page = found.ranked[: query.limit]
    hits = _hits(uow, page, parsed)
    cursor = encode_cursor(_exact(page[-1][1]), page[-1][0]) if len(found.ranked) > query.limit else None
    if not with_facets:
        return SearchPage(hits, len(hits), (), (), cursor)
    total, categories, types = _facets(uow, found)
    return SearchPage(hits, total, categories, types, cursor)


def _hits(uow: UnitOfWork, page: list[tuple[UUID, float]], parsed: ParsedQuery) -> tuple[SearchHit, ...]:
    ids = [document_id for document_id, _ in page]
    listed = uow.repository(DocumentRepository).list_by_ids(ids)
    readable = [document_id for document_id in ids if document_id in listed and is_open(listed[document_id][0])]
    passages = uow.repository(SearchRepository).passages(readable, parsed.words)
    return tuple(
        SearchHit(
            document=to_row(listed[document_id]),
            name=mark(listed[document_id][0].name, parsed),
            snippet=snippet(passages.get(document_id, ""), parsed),
            rank=rank,
        )
        for document_id, rank in page
        if document_id in listed
    )


def _facets(uow: UnitOfWork, found: Found) -> tuple[int, tuple[Facet, ...], tuple[Facet, ...]]:
    names = uow.repository(CategoryRepository).names()
    categories: Counter[str] = Counter()
    types: Counter[str] = Counter()
    for category_id, mime_type, hits in found.facets:
        if category_id in names:
            categories[names[category_id]] += hits
        file_type = file_type_of(mime_type)
        types[file_type.label if file_type else mime_type] += hits
    return (
        types.total(),
        tuple(Facet(value, hits) for value, hits in categories.most_common(MAX_FACETS)),
        tuple(Facet(value, hits) for value, hits in types.most_common(MAX_FACETS)),
    )


def _category_id(uow: UnitOfWork, name: str | None) -> UUID | None:
    if not name:
        return None
    category = uow.repository(CategoryRepository).find_by_name(name)
    if category is None:
        raise ValidationFailed(f"There is no category “{name}”.", {"category": "not in the list"})
    return category.id


def _exact(rank: float) -> str:
    """The rank's 32 bits: a rounded number would skip or repeat rows at the edge of a page."""
    return struct.pack("!f", rank).hex()


def _after(cursor: str | None) -> tuple[float, UUID] | None:
    if cursor is None:
        return None
    value, document_id = decode_cursor(cursor)
    try:
        return struct.unpack("!f", bytes.fromhex(value))[0], document_id
    except (ValueError, struct.error) as error:
        raise ValidationFailed(
            "This cursor is not one of ours. Start again without it.", {"cursor": "not a cursor"}, code="bad_cursor"
        ) from error
