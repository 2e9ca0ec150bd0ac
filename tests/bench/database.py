"""List and search at scale, as the application's role under row-level security, through the services themselves.

    python -m tests.bench.database --owner-url postgresql://…

Fills an empty, migrated database (DATABASE_URL names it, as the application's role): 200 organizations with together
1,000,000 documents, among them one of 400,000 and one of 10,000, then prints medians and 95th percentiles.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable
from uuid import UUID, uuid5

import psycopg

from clasio_backend.core.db import libpq_url
from clasio_backend.core.scope import Scope, system_scope
from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.documents.schemas import DocumentQuery, Sort
from clasio_backend.documents.service import list_documents
from clasio_backend.search.schemas import SearchQuery
from clasio_backend.search.service import search_documents

NAMESPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
BIG, MIDDLE = 400_000, 10_000
TOTAL, ORGANIZATIONS = 1_000_000, 200
WORDS, FEW_WORDS = 250, 60
"""Words of a document: as many as half a page has where searches are timed, few where only the lists are."""
RUNS = 60

FILL = """
    INSERT INTO documents (organization_id, id, name, mime_type, size_bytes, sha256, source, stage, outcome, scan, ocr,
                           created_at)
    SELECT %(organization)s, uuidv7(make_interval(secs => n - %(count)s)),
           'Document ' || n || ' ' || (ARRAY['invoice','contract','letter','report','offer'])[1 + n %% 5] || '.pdf',
           'application/pdf', 1000 + n, %(sha)s, 'api', 'analysed', 'done', 'not_scanned', 'none',
           now() - make_interval(secs => %(count)s - n)
    FROM generate_series(1, %(count)s) n
"""

# Zipf-like: word k comes with a probability of about 1/k, so there are words of every rarity. Names are found as well.
TEXTS = """
    INSERT INTO document_texts (organization_id, document_id, text, vector)
    SELECT d.organization_id, d.id, w.text, to_tsvector('simple', w.text)
               || setweight(to_tsvector('simple', replace(d.name, '.', ' ')), 'A')
    FROM documents d CROSS JOIN LATERAL (
        SELECT string_agg('word' || floor(exp(random() * ln(200000)))::int, ' ') AS text
        FROM generate_series(1, %(words)s) WHERE d.id IS NOT NULL
    ) w
    WHERE d.organization_id = %(organization)s
"""


def sizes() -> list[int]:
    rest = (TOTAL - BIG - MIDDLE) // (ORGANIZATIONS - 2)
    return [BIG, MIDDLE, *([rest] * (ORGANIZATIONS - 2))]


def organization(number: int) -> UUID:
    return uuid5(NAMESPACE, f"bench {number}")


def fill(owner_url: str) -> None:
    with psycopg.connect(libpq_url(owner_url), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM organizations WHERE id = %s", [organization(0)]).fetchone():
            return
        started = time.time()
        for number, count in enumerate(sizes()):
            connection.execute(
                "INSERT INTO organizations (id, name, plan) VALUES (%s, %s, 'business')",
                [organization(number), f"Bench {number}"],
            )
            sha = f"{number:064x}"
            connection.execute(
                "INSERT INTO blobs (organization_id, sha256, size_bytes, format, key_id)"
                " VALUES (%s, %s, 1, 'none', %s)",
                [organization(number), sha, organization(number)],
            )
            values = {"organization": organization(number), "count": count, "sha": sha}
            values["words"] = WORDS if number < 2 else FEW_WORDS
            connection.execute(FILL, values)
            connection.execute(TEXTS, values)
        connection.execute("VACUUM ANALYZE documents")
        connection.execute("VACUUM ANALYZE document_texts")
        print(f"filled {TOTAL:,} documents in {time.time() - started:.0f} s")


def measure(name: str, work: Callable[[], object], runs: int = RUNS) -> None:
    for _ in range(5):
        work()
    seconds: list[float] = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    seconds.sort()
    p95 = seconds[int(0.95 * (runs - 1))]
    print(f"{name:58} median {statistics.median(seconds) * 1000:7.1f} ms   p95 {p95 * 1000:7.1f} ms", flush=True)


def listing(scope: Scope, query: DocumentQuery) -> Callable[[], object]:
    def work() -> object:
        with unit_of_work(scope) as uow:
            return list_documents(uow, query)

    return work


def deep_cursor(scope: Scope, pages: int) -> str | None:
    cursor = None
    for _ in range(pages):
        with unit_of_work(scope) as uow:
            cursor = list_documents(uow, DocumentQuery(limit=200, cursor=cursor)).next_cursor
    return cursor


def searching(scope: Scope, words: Callable[[], str]) -> Callable[[], object]:
    def work() -> object:
        with unit_of_work(scope) as uow:
            return search_documents(uow, SearchQuery(q=words()))

    return work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--owner-url", default=os.environ.get("DATABASE_OWNER_URL"))
    fill(parser.parse_args().owner_url)
    print(f"cores: {os.cpu_count()}; {TOTAL:,} documents in {ORGANIZATIONS} organizations")
    chance = random.Random(1)
    big, middle, small = (system_scope(organization(number), "bench") for number in (0, 1, 2))
    for name, scope in (("400,000", big), ("10,000", middle), ("3,000", small)):
        measure(f"list page of 50, organization of {name}", listing(scope, DocumentQuery()))
    measure("list page of 50 by name, organization of 400,000", listing(big, DocumentQuery(sort=Sort.NAME)))
    deep = DocumentQuery(cursor=deep_cursor(big, 50))
    measure("list page of 50 behind 10,000 rows, organization of 400,000", listing(big, deep))
    kinds: dict[str, Callable[[], str]] = {
        "common word (in most documents)": lambda: "word1",
        "medium word": lambda: f"word{chance.randint(50, 500)}",
        "rare word": lambda: f"word{chance.randint(20_000, 199_000)}",
        "two words": lambda: f"word{chance.randint(5, 50)} word{chance.randint(5, 50)}",
        "prefix": lambda: f"word{chance.randint(10, 99)}",
        "phrase": lambda: '"word1 word2"',
        "mixed as people type": lambda: f"invoice word{chance.randint(2, 5000)}",
    }
    for size, scope in (("10,000", middle), ("400,000", big)):
        for name, words in kinds.items():
            measure(f"search in {size}: {name}", searching(scope, words))


if __name__ == "__main__":
    main()
