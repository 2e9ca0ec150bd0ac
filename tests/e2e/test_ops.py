"""Ops in a real browser: a paused queue holds an upload back, a dead job is retried, and both come to their end."""

import time

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in
from tests.running import RunningClasio

pytestmark = pytest.mark.browser
PATIENCE_SECONDS = 60


def _upload(client: httpx.Client, name: str) -> str:
    answer = client.post("/api/v1/documents", files={"file": (name, f"The text of {name}.".encode())})
    return str(answer.raise_for_status().json()["id"])


def _wait_until_all_is_read(clasio: RunningClasio) -> None:
    """So that what other tests have uploaded does not count among the jobs that wait."""
    until = time.monotonic() + PATIENCE_SECONDS
    with clasio.client() as client:
        while client.get("/api/v1/documents", params={"outcome": "pending"}).raise_for_status().json()["items"]:
            assert time.monotonic() < until, "documents stay pending"
            time.sleep(0.2)


def test_an_operator_pauses_a_queue_and_retries_a_dead_job(clasio: RunningClasio, page: Page) -> None:
    sign_in(page, clasio)
    _wait_until_all_is_read(clasio)
    page.get_by_role("link", name="Ops", exact=True).click()
    page.get_by_role("button", name="Pause the queue read").click()
    paused = page.get_by_role("listitem").filter(has_text="The queue read is paused")
    expect(paused).to_be_visible()
    with clasio.client() as client:
        _upload(client, "waits for the queue.txt")
        dead = _upload(client, "died before.txt")
    expect(paused).to_contain_text("2 jobs wait")  # came in by itself
    clasio.sql(
        "UPDATE jobs SET state = 'dead', attempts = 3, finished_at = now(), last_error = 'OSError: the disk was full'"
        " WHERE document_id = %s",
        [dead],
    )
    clasio.sql("UPDATE documents SET outcome = 'failed' WHERE id = %s", [dead])

    jobs = page.get_by_role("region", name="Dead jobs")
    expect(jobs).to_contain_text("the disk was full")
    jobs.get_by_role("button", name="Retry", exact=True).click()
    expect(page.get_by_text("The job is queued again.")).to_be_visible()
    expect(jobs).to_have_count(0)
    expect(paused).to_contain_text("2 jobs wait")
    page.get_by_role("button", name="Resume the queue read").click()
    expect(paused).to_have_count(0)

    page.goto(f"{clasio.url}/documents")
    for name in ("waits for the queue.txt", "died before.txt"):
        row = page.locator("[data-row]").filter(has_text=name)
        expect(row).to_contain_text("Analysed", timeout=30_000)

    page.goto(f"{clasio.url}/ops")
    page.get_by_role("button", name="Run clean-up now").click()
    schedule = page.get_by_role("listitem").filter(has=page.get_by_role("button", name="Run clean-up now"))
    expect(schedule).to_contain_text("Worked", timeout=20_000)
    page.get_by_role("link", name="Security", exact=True).click()
    for words in ("paused a queue", "retried a dead job", "resumed a queue", "ran a schedule now"):
        expect(page.get_by_text(words).first).to_be_visible()


def test_a_script_gets_an_operator_token_and_loses_it(clasio: RunningClasio) -> None:
    token = clasio.admin("create-operator-token")["token"]
    with httpx.Client(base_url=clasio.url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as script:
        found = script.get("/api/v1/ops").raise_for_status().json()
        assert {worker["kind"] for worker in found["workers"]} == {"worker", "control", "scheduler"}
        assert script.get("/api/v1/documents").status_code == httpx.codes.UNAUTHORIZED
        (row,) = [row for row in clasio.admin("list-operator-tokens") if token.endswith(row["hint"])]
        assert clasio.admin("revoke-operator-token", "--id", row["id"]) == {"id": row["id"]}
        assert script.get("/api/v1/ops").status_code == httpx.codes.UNAUTHORIZED
