"""Real documents with flipped, cut and repeated bytes, through the scanner, the reader and the first page's picture.

Whatever a parser makes of them, the worker lives, its memory stays in bounds, and the document says how it ended.
"""

import csv
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from clasio_backend.documents.file_types import UnsupportedFileType
from clasio_backend.documents.reading import sandbox
from clasio_backend.documents.reading.errors import MESSAGES
from clasio_backend.documents.reading.sandbox import Run
from clasio_backend.models.documents import Outcome, Scan
from tests import factories
from tests.cast import Actor
from tests.scanning import RealClamd
from tests.servers import Servers
from tests.unit.reading.test_corpus import CORPUS, MEMORY_KB
from tests.worker import Worker

VARIANTS = 200
PARTS = 4
"""So that two test processes share the work."""
MOST_BYTES = 60_000
SEED = 2_026

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not beside the clone"),
]


def originals() -> list[Path]:
    """Those with text of their own: recognition of scans takes long and is told apart by nothing that comes here."""
    with (CORPUS / "labels.csv").open(encoding="utf-8", newline="") as file:
        paths = [CORPUS / row["path"] for row in csv.DictReader(file) if row["has_text_layer"] == "yes"]
    return sorted(path for path in paths if 0 < path.stat().st_size <= MOST_BYTES)


def flipped(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice([1, 4, 30, 200])):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(1, len(data))]


def zeroed(chance: random.Random, data: bytes) -> bytes:
    """As a block of a disk that was never written."""
    start = chance.randrange(len(data))
    return data[:start] + bytes(min(4_096, len(data) - start)) + data[start + 4_096 :]


def repeated(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.randrange(1, 2_000)]
    return data[:start] + piece * chance.choice([2, 50]) + data[start:]


KINDS: tuple[Callable[[random.Random, bytes], bytes], ...] = (flipped, cut, zeroed, repeated)


def variants(part: int) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of this part's share, the same for everybody."""
    files = originals()
    for number in range(part, VARIANTS, PARTS):
        chance = random.Random(SEED + number)
        original, kind = files[number % len(files)], KINDS[number // len(files) % len(KINDS)]
        yield f"{number} {kind.__name__} {original.name}", kind(chance, original.read_bytes())


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The memory that each child took, in KB."""
    taken: list[int] = []
    run = sandbox.run

    def noting(*arguments: Any, **options: Any) -> Run:
        done = run(*arguments, **options)
        taken.append(done.max_rss_kb)
        return done

    monkeypatch.setattr(sandbox, "run", noting)
    return taken


@pytest.mark.parametrize("part", range(PARTS))
def test_corrupted_documents_end_with_an_honest_stage(  # noqa: PLR0917
    part: int, owner: Actor, scanner: RealClamd, worker: Worker, servers: Servers, costs: list[int], app: Any
) -> None:
    sent, refused = dict[UUID, str](), list[str]()
    for name, data in variants(part):
        try:
            sent[factories.upload(owner.scope, name, data, keep_duplicate=True).id] = name
        except UnsupportedFileType:
            refused.append(name)
    assert len(sent) + len(refused) == VARIANTS // PARTS
    assert len(sent) > len(refused)
    with servers.as_owner() as connection:
        early = connection.execute(
            "SELECT count(*) FROM documents WHERE id = ANY(%s) AND (scan <> 'pending' OR searchable_at IS NOT NULL)",
            [list(sent)],
        ).fetchone()
    assert early == (0,)
    worker.run_all()
    with servers.as_owner() as connection:
        rows = connection.execute(
            "SELECT id, scan, outcome, error_code, searchable_at IS NOT NULL FROM documents WHERE id = ANY(%s)",
            [list(sent)],
        ).fetchall()
        analysed_early = connection.execute(
            "SELECT count(*) FROM analyses a JOIN documents d ON d.id = a.document_id"
            " WHERE d.id = ANY(%s) AND (d.scan <> 'clean' OR a.created_at < d.searchable_at)",
            [list(sent)],
        ).fetchone()
    assert analysed_early == (0,)
    assert {sent[row[0]]: row for row in rows if not _is_honest(*row[1:])} == {}
    assert {job["state"] for job in worker.jobs_of(owner.organization_id)} == {"succeeded"}
    _look_at_first_pages(owner, app, list(sent)[::5])
    assert max(costs) <= MEMORY_KB
    assert factories.upload(owner.scope, "afterwards.txt", "still at work").id
    worker.run_all()
    assert worker.jobs_of(owner.organization_id)[-1]["state"] == "succeeded"


def _is_honest(scan: str, outcome: str, error_code: str | None, is_searchable: bool) -> bool:
    """Read and found, or put aside with a reason that Clasio has words for."""
    if scan == Scan.BLOCKED:
        return outcome == Outcome.INFECTED and not is_searchable
    if outcome == Outcome.UNREADABLE:
        return scan == Scan.CLEAN and error_code in MESSAGES and not is_searchable
    return scan == Scan.CLEAN and outcome == Outcome.DONE and is_searchable


def _look_at_first_pages(owner: Actor, app: Any, ids: list[UUID]) -> None:
    """A picture, or a problem that says why there is none. The worker has drawn those of all documents ahead."""
    client = owner.api(app)
    for document_id in ids:
        answer = client.get(f"/api/v1/documents/{document_id}/pages/1?size=thumbnail")
        if answer.status_code == 200:
            assert answer.content[:4] == b"RIFF"
        else:
            assert answer.status_code in {404, 409, 415, 422}, answer.text
            assert answer.json()["code"], answer.text
