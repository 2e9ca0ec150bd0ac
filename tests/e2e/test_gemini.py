"""Many analyses by Gemini in a real browser: estimate, progress over a reload, a limit that loses nothing, the rest.

The free plan has 10 thorough analyses a month; the organization has documents analysed only when somebody asks for it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in
from tests.fakes.gemini import GeminiServer
from tests.gemini import set_up
from tests.lines import start_only_once
from tests.running import RunningClasio

pytestmark = pytest.mark.browser
SCREENSHOTS = Path(__file__).resolve().parents[1] / "screenshots"
DOCUMENTS, LIMIT = 12, 10


@pytest.fixture(scope="module")
def gemini() -> Iterator[GeminiServer]:
    with set_up("gemini") as server:
        yield server


@pytest.fixture(scope="module")
def clasio(gemini: GeminiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClasio]:
    """One that asks Gemini, with an organization on the free plan with documents that wait to be asked for."""
    start_only_once(tmp_path_factory, "gemini")
    running = RunningClasio(tmp_path_factory.mktemp("gemini"))
    running.start()
    running.set_up()
    with running.client() as client:
        organization = client.get("/api/v1/organization").json()["id"]
        running.admin("set-plan", "--organization", organization, "--plan", "free")
        running.sql("UPDATE organizations SET analysis_mode = %s", ["on_request"])
        for number in range(DOCUMENTS):
            sent = {"file": (f"offer {number}.txt", f"Quote {number}: twelve oak doors, 4,800.00 EUR.".encode())}
            client.post("/api/v1/documents", files=sent).raise_for_status()
    yield running
    assert running.stop() == 0


def test_many_are_analysed_as_far_as_the_plan_has_room_and_the_rest_with_another(
    clasio: RunningClasio, gemini: GeminiServer, page: Page
) -> None:
    sign_in(page, clasio)
    page.goto(f"{clasio.url}/documents")
    expect(page.locator("[data-row]").filter(has_text="Not analysed")).to_have_count(DOCUMENTS)
    page.get_by_label("Select all", exact=False).first.click()
    page.get_by_role("button", name="Analyse", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Kind of analysis").select_option("thorough")
    expect(dialog.get_by_text("12 documents, about")).to_be_visible()
    expect(dialog.get_by_text("up to 12 thorough analyses, and 10 are left this month")).to_be_visible()
    expect(dialog.get_by_text("What finds no room waits")).to_be_visible()
    progress = page.get_by_text("to be analysed")
    with gemini.hanging():
        dialog.get_by_role("button", name="Analyse").click()
        expect(page.get_by_text("12 documents queued for analysis.")).to_be_visible()
        expect(progress).to_contain_text("12 documents to be analysed")
        page.reload()
        expect(progress).to_contain_text("12 documents to be analysed")
    waiting = page.get_by_text("waiting for an analysis until the plan has room")
    expect(waiting).to_contain_text(f"{DOCUMENTS - LIMIT} documents")  # without a reload
    for width, theme in ((1440, "light"), (1440, "dark"), (390, "light")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.screenshot(path=SCREENSHOTS / f"analyses-wait-{theme}-{width}.png")
    assert len(gemini.asked) == LIMIT

    with clasio.client() as client:
        organization = client.get("/api/v1/organization").json()["id"]
    clasio.admin("set-plan", "--organization", organization, "--plan", "business")
    expect(waiting).to_be_hidden()
    with clasio.client() as client:
        meters = {meter["meter"]: meter["used"] for meter in client.get("/api/v1/usage").json()["meters"]}
        documents = client.get("/api/v1/documents").json()["items"]
    assert (meters["fast_analyses"], meters["thorough_analyses"]) == (0, DOCUMENTS)
    assert {document["outcome"] for document in documents} == {"done"}
    assert len(gemini.asked) == DOCUMENTS
