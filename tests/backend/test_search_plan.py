"""Row-level security switches the full-text index off for plain queries; the search function must not suffer it."""

from collections.abc import Iterator

import psycopg
import pytest

from tests import factories
from tests.cast import Actor
from tests.servers import Servers

CALL = (
    "SELECT document_id FROM search_documents(%s, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 20, false)"
)
DOCUMENTS = 3_000


@pytest.fixture
def crowded(owner: Actor, servers: Servers) -> Actor:
    """An organization with enough documents that the planner prefers an index."""
    template = factories.upload(owner.scope)
    with servers.as_owner() as connection:
        connection.execute(
            "INSERT INTO documents (organization_id, id, name, mime_type, size_bytes, sha256, source, stage, outcome,"
            " scan, ocr) SELECT organization_id, gen_random_uuid(), 'crowd ' || n, mime_type, size_bytes, sha256,"
            " 'api', 'searchable', 'done', scan, ocr FROM documents, generate_series(1, %s) n WHERE id = %s",
            [DOCUMENTS, template.id],
        )
        connection.execute(
            "INSERT INTO document_texts (organization_id, document_id, text, vector)"
            " SELECT organization_id, id, name, to_tsvector('simple', replace(name, ' ', ' number'))"
            " FROM documents WHERE organization_id = %s AND id <> %s",
            [owner.organization_id, template.id],
        )
        connection.execute("VACUUM ANALYZE document_texts")
        connection.execute("ANALYZE documents")
    return owner


@pytest.fixture
def plans(crowded: Actor, servers: Servers) -> Iterator[tuple[psycopg.Connection, list[str]]]:
    """A connection of the application's role that tells the plans of what its functions do."""
    collected: list[str] = []
    with psycopg.connect(servers.superuser_url) as connection:
        connection.add_notice_handler(lambda notice: collected.append(notice.message_primary or ""))
        for statement in (
            "LOAD 'auto_explain'",
            "SET auto_explain.log_min_duration = 0",
            "SET auto_explain.log_nested_statements = on",
            "SET client_min_messages = log",
            "SET ROLE clasio_app",
        ):
            connection.execute(statement.encode())
        connection.execute("SELECT set_config('app.organization_id', %s, false)", [str(crowded.organization_id)])
        collected.clear()
        yield connection, collected


def test_a_search_uses_the_index_although_row_level_security_is_on(
    plans: tuple[psycopg.Connection, list[str]],
) -> None:
    connection, collected = plans
    assert len(connection.execute(CALL, ["'number17'"]).fetchall()) == 1
    plan = next(text for text in collected if "words" in text)
    assert "_vector_idx" in plan
    condition = next(line for line in plan.splitlines() if "Index Cond" in line and "vector" in line)
    assert "organization_id" in condition
    assert "@@" in condition


def test_a_filtered_search_uses_the_index_too(plans: tuple[psycopg.Connection, list[str]]) -> None:
    connection, collected = plans
    filtered = CALL.replace("'', NULL, NULL", "'', NULL, ARRAY['text/plain']")
    assert len(connection.execute(filtered, ["'number17'"]).fetchall()) == 1
    assert any("_vector_idx" in text for text in collected)


def test_a_plain_query_does_not(plans: tuple[psycopg.Connection, list[str]]) -> None:
    """The reason for the function. When this fails, Postgres has learnt it and the function can go."""
    connection, _ = plans
    rows = connection.execute(
        "EXPLAIN SELECT document_id FROM document_texts WHERE vector @@ '''number17'''::tsquery"
    ).fetchall()
    conditions = [row[0] for row in rows if "Index Cond" in row[0]]
    assert not any("@@" in condition for condition in conditions)


def test_the_function_gives_nothing_without_a_scope(plans: tuple[psycopg.Connection, list[str]]) -> None:
    connection, _ = plans
    connection.execute("SELECT set_config('app.organization_id', '', false)")
    assert connection.execute(CALL, ["'number17'"]).fetchall() == []


def test_no_partition_packs_its_search_vectors(servers: Servers) -> None:
    """Unpacking was half of the time of a search."""
    with servers.as_owner() as connection:
        packed = connection.execute(
            "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
            " WHERE attname = 'vector' AND relkind IN ('r', 'p') AND attstorage <> 'e'"
        ).fetchall()
    assert packed == []
