"""A plan that fills up, in a real browser: the notice, the mail, the refusal in the tray, the way to the usage page."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import quiet_page, sign_in
from tests.running import RunningClasio

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("running")]
USED = 399
"""One document more is 80 % of the free plan's 500."""


@pytest.fixture(scope="module")
def small_clasio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClasio]:
    """Its one organization is on the free plan, by the operator's command, and has used 399 documents of 500."""
    running = RunningClasio(tmp_path_factory.mktemp("limits"))
    running.start()
    running.set_up()
    with running.client() as client:
        organization = client.get("/api/v1/organization").json()["id"]
    changed = running.admin("set-plan", "--organization", organization, "--plan", "free")
    assert changed == {"organization_id": organization, "plan": "free", "plan_before": "business"}
    _use(running, USED)
    yield running
    assert running.stop() == 0


def _use(running: RunningClasio, documents: int) -> None:
    """As if that many had been uploaded, which would take a minute."""
    settings = json.loads((running.data / "settings.json").read_text())
    with psycopg.connect(settings["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute(
            "INSERT INTO usage_counters (organization_id, meter, period, used) SELECT id, 'documents', '1970-01-01', %s"
            " FROM organizations ON CONFLICT (organization_id, meter, period) DO UPDATE SET used = excluded.used",
            [documents],
        )


def _upload(page: Page, folder: Path, name: str) -> None:
    path = folder / name
    path.write_text(f"The text of {name}.")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").first.click()
    chooser.value.set_files(path)


def test_a_plan_that_fills_up_says_so_before_and_when_it_is_full(
    small_clasio: RunningClasio, browser: Browser, tmp_path: Path
) -> None:
    with quiet_page(browser, refused=("/api/v1/documents",), viewport={"width": 1440, "height": 900}) as page:
        sign_in(page, small_clasio)
        _upload(page, tmp_path, "the 400th.txt")
        limits = page.get_by_role("list", name="Limits")
        expect(limits).to_contain_text("400 of 500 are used on the free plan", timeout=20_000)  # without a reload

        page.goto(f"{small_clasio.url}/ops/outbox")
        expect(page.get_by_text("Acme has used 80 % of its documents").first).to_be_visible()

        _use(small_clasio, 500)
        page.goto(f"{small_clasio.url}/documents")
        expect(limits).to_contain_text("Documents: limit reached.")
        _upload(page, tmp_path, "one too many.txt")
        refused = page.locator(".tray-row").filter(has_text="one too many.txt")
        expect(refused).to_contain_text("500 of 500 documents are used")
        refused.get_by_role("link", name="Usage and plan").click()
        page.wait_for_url("**/usage")
        expect(page.get_by_role("heading", name="Who used what")).to_be_visible()
        expect(page.get_by_text("Limit reached", exact=True)).to_be_visible()
