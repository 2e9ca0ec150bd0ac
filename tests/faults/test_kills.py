"""kill -9 of each process in turn, a flush of Redis, and a restart of the whole, during an upload of 50 files."""

import json
import threading
import time
from pathlib import Path

import httpx
import psutil
import pytest
from redis import Redis

from tests.lines import start_only_once
from tests.running import RunningClasio

pytestmark = pytest.mark.faults
FILES = 50
SETTLE_SECONDS = 120
START_SECONDS = 60
KINDS = ("worker", "control", "scheduler", "valkey", "postgres", "web", "worker")


@pytest.fixture(scope="module")
def clasio(tmp_path_factory: pytest.TempPathFactory):
    start_only_once(tmp_path_factory, "kills")
    running = RunningClasio(tmp_path_factory.mktemp("faults"))
    running.start()
    running.set_up()
    yield running
    running.stop()


class Uploader(threading.Thread):
    """Uploads numbered files one after another, each until it is acknowledged; a refused duplicate is one that was."""

    def __init__(self, clasio: RunningClasio, label: str) -> None:
        super().__init__(daemon=True)
        self.clasio, self.label = clasio, label
        self.acknowledged: dict[str, str] = {}

    def run(self) -> None:
        with self.clasio.client() as client:
            for number in range(FILES):
                name = f"{self.label} {number}.txt"
                text = f"{self.label} document number {number}: the phrase is amber{number:03d}{self.label} lantern."
                while name not in self.acknowledged:
                    self._try(client, name, text)
                time.sleep(0.1)

    def _try(self, client: httpx.Client, name: str, text: str) -> None:
        try:
            answer = client.post("/api/v1/documents", files={"file": (name, text.encode())}, timeout=10)
        except httpx.HTTPError:
            time.sleep(0.3)
            return
        if answer.status_code == httpx.codes.CREATED:
            self.acknowledged[name] = answer.json()["id"]
        elif answer.status_code == httpx.codes.CONFLICT:
            self.acknowledged[name] = answer.json()["document_id"]
        else:
            assert answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR, answer.text
            time.sleep(0.3)


def running(clasio: RunningClasio, kind: str) -> psutil.Process:
    """One of its processes; what ended with an earlier victim may still be waiting for its next start."""
    until = time.monotonic() + START_SECONDS
    while True:
        for name, process in clasio.processes().items():
            if name.startswith(kind):
                return process
        assert time.monotonic() < until, f"no {kind} runs"
        time.sleep(0.1)


def expect_each_settled_once(clasio: RunningClasio, uploader: Uploader) -> None:
    assert len(uploader.acknowledged) == FILES
    until = time.monotonic() + SETTLE_SECONDS
    with clasio.client() as client:
        for name, document_id in uploader.acknowledged.items():
            while True:
                document = client.get(f"/api/v1/documents/{document_id}").json()
                if document["outcome"] != "pending":
                    break
                assert time.monotonic() < until, f"{name} is still pending: {document}"
                time.sleep(0.3)
            assert document["outcome"] == "done", document
            activity = client.get(f"/api/v1/documents/{document_id}/activity").json()
            done = [entry["action"] for entry in activity]
            assert sorted(done) == ["document.analysed", "document.uploaded"], (name, done)
        number = FILES - 1
        hits = client.get("/api/v1/search", params={"q": f"amber{number:03d}{uploader.label}"}).json()["items"]
        assert [hit["id"] for hit in hits] == [uploader.acknowledged[f"{uploader.label} {number}.txt"]]


def test_every_acknowledged_file_survives_the_kill_of_each_process(
    clasio: RunningClasio, pytestconfig: pytest.Config
) -> None:
    for number in range(pytestconfig.getoption("rounds")):
        uploader = Uploader(clasio, f"kills{number}")
        uploader.start()
        for kind in KINDS:
            time.sleep(1.5)
            victim = running(clasio, kind)
            victim.kill()
            victim.wait(10)
            seconds = clasio.wait_until_ready(60)
            print(f"round {number}: ready {seconds:.1f} s after the kill of {kind}")  # noqa: T201  # the long form's figures
        uploader.join(120)
        assert not uploader.is_alive()
        expect_each_settled_once(clasio, uploader)


def test_a_flush_of_redis_costs_nothing(clasio: RunningClasio) -> None:
    uploader = Uploader(clasio, "flush")
    uploader.start()
    url = _redis_url(clasio.data)
    for _ in range(5):
        time.sleep(0.8)
        with Redis.from_url(url) as redis:
            redis.flushall()
    uploader.join(60)
    expect_each_settled_once(clasio, uploader)


def test_a_restart_of_the_whole_loses_nothing(clasio: RunningClasio) -> None:
    uploader = Uploader(clasio, "restart")
    uploader.start()
    time.sleep(2)
    children = list(clasio.processes().values())
    clasio.kill()
    until = time.monotonic() + 30
    while any(child.is_running() and child.status() != "zombie" for child in children):
        assert time.monotonic() < until, [child.cmdline() for child in children if child.is_running()]
        time.sleep(0.1)
    clasio.start()
    time.sleep(1)
    assert clasio.stop() == 0
    clasio.start()
    uploader.join(120)
    expect_each_settled_once(clasio, uploader)


def _redis_url(data: Path) -> str:

    return json.loads((data / "settings.json").read_text())["REDIS_URL"]
