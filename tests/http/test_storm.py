"""Thirty-two clients at once upload, delete, restore and analyse against a small quota, over real sockets."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Self

import httpx
import pytest
from fastapi import FastAPI

from clasio_backend.core.unit_of_work import unit_of_work
from clasio_backend.usage.plans import PLANS, Meter
from clasio_backend.usage.service import reconcile
from tests import cast
from tests.cast import Actor
from tests.servers import Servers
from tests.serving import serving
from tests.worker import Worker

CLIENTS = 32
TURNS = 12
LIMITS = {Meter.DOCUMENTS: 24, Meter.STORAGE_BYTES: 900}
"""Both are reached: texts have 20 to 60 bytes."""
USED = "SELECT meter, used + reserved FROM usage_counters WHERE organization_id = %s AND period = '1970-01-01'"
ROWS = "SELECT count(*), coalesce(sum(size_bytes), 0)::bigint FROM documents"


@pytest.fixture
def squeezed(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """The owner of an organization with little room."""
    free = PLANS["free"]
    small = replace(free, limits=free.limits | LIMITS, api_requests_per_hour=1_000_000)
    monkeypatch.setitem(PLANS, "free", small)
    return cast.owner("Stella Storm", plan="free")


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield address


def act(client: httpx.Client, rng: random.Random, name: str) -> httpx.Response:
    """One thing that a client does: mostly uploads, else something with a document that anybody uploaded."""
    choice = rng.choice(["upload", "upload", "upload", "trash", "restore", "analyse", "purge", "list"])
    if choice == "upload":
        return client.post(
            "/documents", files={"file": (f"{name}.txt", f"{name} {'word ' * rng.randint(2, 8)}".encode())}
        )
    if choice in {"restore", "purge"}:
        found = client.get("/trash", params={"limit": 200})
        ids = [row["document"]["id"] for row in found.json().get("items", ())]
    else:
        found = client.get("/documents", params={"limit": 200})
        ids = [row["id"] for row in found.json().get("items", ())]
    if not ids or choice == "list":
        return found
    document_id = rng.choice(ids)
    if choice == "trash":
        return client.delete(f"/documents/{document_id}")
    if choice == "purge":
        return client.delete(f"/trash/{document_id}")
    path = {"restore": "restore", "analyse": "analyses"}[choice]
    return client.post(f"/documents/{document_id}/{path}", json={})


def storm(url: str, actor: Actor, number: int) -> Counter[int]:
    """What one client was answered."""
    rng = random.Random(number)  # the same storm for everybody
    answers: Counter[int] = Counter()
    headers = {"authorization": f"Bearer {actor.api_token}"}
    with httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=60) as client:
        for turn in range(TURNS):
            answers[act(client, rng, f"{number} {turn}").status_code] += 1
    return answers


class Watch:
    """Reads the counters again and again while the storm goes on."""

    def __init__(self, servers: Servers, actor: Actor) -> None:
        self._servers, self._actor = servers, actor
        self.most: dict[str, int] = {}
        self.looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        with self._servers.as_owner() as connection:
            while not self._over.wait(0.005):
                self.looks += 1
                for meter, used in connection.execute(USED, [self._actor.organization_id]):
                    self.most[meter] = max(used, self.most.get(meter, 0))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def test_a_storm_never_passes_the_quota_and_never_meets_a_500(
    url: str, squeezed: Actor, worker: Worker, servers: Servers
) -> None:
    with Watch(servers, squeezed) as watch, ThreadPoolExecutor(CLIENTS + 1) as threads:
        clients = [threads.submit(storm, url, squeezed, number) for number in range(CLIENTS)]
        while not all(client.done() for client in clients):
            threads.submit(worker.run_all).result()
        answers = sum((client.result() for client in clients), Counter[int]())
    worker.run_all()
    assert answers.total() == CLIENTS * TURNS
    assert {status for status in answers if not 200 <= status < 300} <= {402, 404, 409}, answers
    assert answers[201] > 0
    assert answers[402] > 0, "the quota was never reached"
    assert watch.looks > 0
    assert {meter: watch.most[meter] for meter in LIMITS if watch.most[meter] > LIMITS[meter]} == {}
    with servers.as_owner() as connection:
        rows = connection.execute(
            f"{ROWS} WHERE organization_id = %s AND deleted_at IS NULL".encode(), [squeezed.organization_id]
        ).fetchone()
        used = dict(connection.execute(USED, [squeezed.organization_id]).fetchall())
    assert rows == (used[Meter.DOCUMENTS], used[Meter.STORAGE_BYTES])
    with unit_of_work(squeezed.scope) as uow:
        assert reconcile(uow) == {}
