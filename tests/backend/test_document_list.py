from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clasio_backend.core.cursors import encode_cursor
from clasio_backend.core.errors import ValidationFailed
from clasio_backend.core.ids import new_id
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentQuery, DocumentRow, Sort
from clasio_backend.documents.service import list_documents
from clasio_backend.models.documents import Outcome, Stage
from tests import factories
from tests.cast import Actor
from tests.servers import Servers

COUNT = 120


@pytest.fixture
def many(owner: Actor, other_tenant: Actor, servers: Servers) -> dict[UUID, tuple[str, int, datetime]]:
    """120 documents with names, sizes and times of which many are equal; some in the trash."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows: dict[UUID, tuple[str, int, datetime]] = {}
    sha256 = factories.upload(other_tenant.scope).sha256
    with servers.as_owner() as connection:
        connection.execute(
            "INSERT INTO blobs (organization_id, sha256, size_bytes, format, key_id) VALUES (%s, %s, 1, 'none', %s)",
            [owner.organization_id, sha256, owner.organization_id],
        )
        for number in range(COUNT + 7):
            row = (f"Name {number % 9}" if number % 2 else f"name {number % 7}", number % 5, _moment(start, number))
            document_id = new_id()
            trashed = start if number >= COUNT else None
            connection.execute(
                "INSERT INTO documents (organization_id, id, name, mime_type, size_bytes, sha256, source, stage,"
                " outcome, scan, ocr, created_at, deleted_at)"
                " VALUES (%s, %s, %s, 'text/plain', %s, %s, 'api', 'received', 'pending', '', '', %s, %s)",
                [
                    owner.organization_id,
                    document_id,
                    row[0],
                    row[1],
                    sha256,
                    row[2],
                    trashed,
                ],
            )
            if number < COUNT:
                rows[document_id] = row
    return rows


def _moment(start: datetime, number: int) -> datetime:
    return start + timedelta(hours=number // 10, microseconds=number % 3)


def pages(actor: Actor, query: DocumentQuery) -> list[list[DocumentRow]]:
    found: list[list[DocumentRow]] = []
    cursor: str | None = None
    while not found or cursor:
        with unit_of_work(actor.scope) as uow:
            page = list_documents(uow, query.model_copy(update={"cursor": cursor}))
        found.append(list(page.items))
        cursor = page.next_cursor
    return found


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("limit", [1, 7, 50, 120])
def test_pages_miss_and_double_nothing_in_any_order(
    owner: Actor, many: dict[UUID, tuple[str, int, datetime]], sort: Sort, limit: int
) -> None:
    if limit == 1 and sort not in {Sort.NAME, Sort.NEWEST}:
        limit = 3  # one row a page in two of the orders is enough
    found = pages(owner, DocumentQuery(sort=sort, limit=limit))
    ids = [row.id for page in found for row in page]
    assert len(ids) == COUNT
    assert set(ids) == set(many)
    assert all(len(page) == limit for page in found[:-1])
    keys = [(_sorted_by(sort, many[row_id]), row_id) for row_id in ids]
    assert keys == sorted(keys, reverse=sort in {Sort.NEWEST, Sort.NAME_REVERSED, Sort.LARGEST})


def _sorted_by(sort: Sort, row: tuple[str, int, datetime]) -> Any:
    if sort in {Sort.NAME, Sort.NAME_REVERSED}:
        return row[0].lower()
    return row[1] if sort in {Sort.LARGEST, Sort.SMALLEST} else row[2]


def test_a_document_that_comes_in_between_two_pages_moves_nothing(
    owner: Actor, many: dict[UUID, tuple[str, int, datetime]]
) -> None:
    with unit_of_work(owner.scope) as uow:
        first = list_documents(uow, DocumentQuery(limit=50))
    factories.upload(owner.scope)
    with unit_of_work(owner.scope) as uow:
        second = list_documents(uow, DocumentQuery(limit=50, cursor=first.next_cursor))
    assert not {row.id for row in first.items} & {row.id for row in second.items}
    assert {row.id for row in second.items} <= set(many)


def test_a_foreign_cursor_gives_own_rows_only(owner: Actor, other_tenant: Actor) -> None:
    factories.upload(owner.scope)
    with unit_of_work(other_tenant.scope) as uow:
        cursor = list_documents(uow, DocumentQuery(limit=1)).next_cursor
    with unit_of_work(owner.scope) as uow:
        rows = list_documents(uow, DocumentQuery(cursor=cursor, sort=Sort.NEWEST)).items
    assert len(rows) <= 1


@pytest.mark.parametrize(
    "cursor", ["x", "!!!!", "e30", encode_cursor("a"), encode_cursor("a", "b"), encode_cursor(1, 2, 3)]
)
def test_a_cursor_we_did_not_make_is_refused(owner: Actor, cursor: str) -> None:
    with pytest.raises(ValidationFailed) as refused, unit_of_work(owner.scope) as uow:
        list_documents(uow, DocumentQuery(cursor=cursor))
    assert refused.value.code == "bad_cursor"


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize(
    "value", ["a name", "", "9" * 40, "-1e999", "0001-01-01", "9999-12-31T23:59:59+14:00", "a\x00b"]
)
def test_a_cursor_of_another_order_is_refused_or_harmless(owner: Actor, sort: Sort, value: str) -> None:
    cursor = encode_cursor(value, new_id())
    with suppress(ValidationFailed), unit_of_work(owner.scope) as uow:
        assert list_documents(uow, DocumentQuery(cursor=cursor, sort=sort)).items == ()


@settings(max_examples=60)
@given(text=st.text(max_size=80) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_any_text_as_a_cursor_is_refused(owner: Actor, text: str) -> None:
    with pytest.raises(ValidationFailed), unit_of_work(owner.scope) as uow:
        list_documents(uow, DocumentQuery(cursor="x" + text))


def test_filters_narrow_the_list(owner: Actor, member: Actor) -> None:
    mine = factories.upload(owner.scope, "mine.txt")
    theirs = factories.upload(member.scope, "theirs.md", "# Title")
    cases: list[tuple[DocumentQuery, set[UUID]]] = [
        (DocumentQuery(), {mine.id, theirs.id}),
        (DocumentQuery(type="md"), {theirs.id}),
        (DocumentQuery(type="text/plain"), {mine.id}),
        (DocumentQuery(type="no such type"), set()),
        (DocumentQuery(uploaded_by=member.user_id), {theirs.id}),
        (DocumentQuery(stage=Stage.RECEIVED), {mine.id, theirs.id}),
        (DocumentQuery(stage=Stage.ANALYSED), set()),
        (DocumentQuery(outcome=Outcome.PENDING), {mine.id, theirs.id}),
        (DocumentQuery(source="api"), set()),
        (DocumentQuery(category="Invoices"), set()),
        (DocumentQuery(created_from=datetime(2099, 1, 1, tzinfo=UTC)), set()),
        (DocumentQuery(created_to=datetime(2099, 1, 1, tzinfo=UTC)), {mine.id, theirs.id}),
    ]
    for query, wanted in cases:
        with unit_of_work(owner.scope) as uow:
            assert {row.id for row in list_documents(uow, query).items} == wanted, query
