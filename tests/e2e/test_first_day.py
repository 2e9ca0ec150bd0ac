"""A new owner's first minutes, in a real browser against the whole program: set-up, a document, found by a phrase."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import sign_in
from tests.made_documents import Made
from tests.running import PASSWORD, RunningClasio

pytestmark = pytest.mark.browser
PHRASE = "seventeen copper lanterns"
PAGE_WITH_PHRASE = f"Stock list\nIn the cellar there are {PHRASE} and a ladder."


@pytest.fixture(scope="module")
def new_clasio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClasio]:
    running = RunningClasio(tmp_path_factory.mktemp("first-day"))
    running.start()
    yield running
    assert running.stop() == 0


def test_a_new_owner_sets_up_drops_a_document_and_finds_it(
    new_clasio: RunningClasio, page: Page, tmp_path: Path
) -> None:
    link = new_clasio.wait_for_line("Set up your organization", 20)
    found = re.search(r"http\S+", link)
    assert found
    page.goto(found[0])
    page.get_by_label("Organization").fill("Acme")
    page.get_by_label("Your name").fill("Ada Example")
    page.get_by_label("E-mail address").fill("owner@example.com")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the organization").click()
    page.wait_for_url(f"{new_clasio.url}/")

    page.goto(f"{new_clasio.url}/documents")
    expect(page.get_by_role("heading", name="Documents")).to_be_visible()
    _drop(page, Made(tmp_path).pdf("First page", PAGE_WITH_PHRASE, name="stock list.pdf"))
    row = page.locator("[data-row]").filter(has_text="stock list.pdf")
    expect(row).to_contain_text("Analysed", timeout=30_000)  # without a reload: the stages come in live

    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type(f'"{PHRASE}"')
    page.keyboard.press("Enter")
    page.wait_for_url("**/search**")
    hit = page.locator("#main").get_by_role("link", name="stock list.pdf")
    expect(hit).to_be_visible()
    expect(page.locator("mark").first).to_have_text("seventeen")
    hit.click()
    expect(page.get_by_text(PHRASE).first).to_be_visible()
    _expect_used_up(page, found[0])


def _expect_used_up(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Organization").fill("Second")
    page.get_by_label("Your name").fill("Eve")
    page.get_by_label("E-mail address").fill("eve@example.com")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    with page.expect_response("**/auth/setup") as answer:
        page.get_by_role("button", name="Create the organization").click()
    assert answer.value.status == httpx.codes.NOT_FOUND
    expect(page.get_by_text("This link does not work any more")).to_be_visible()
    expect(page.get_by_label("Organization")).to_have_value("Second")  # nothing typed is lost


def test_signing_out_ends_the_page_that_is_open_elsewhere(clasio: RunningClasio, browser: Browser) -> None:
    with clasio.client() as client:
        client.post("/api/v1/documents", files={"file": ("note.txt", b"A note.")}).raise_for_status()
    context = browser.new_context()
    first, second = context.new_page(), context.new_page()
    sign_in(first, clasio)
    second.goto(f"{clasio.url}/documents")
    expect(second.locator("[data-row]").first).to_be_visible()
    first.get_by_label("You and your settings").first.click()
    first.get_by_role("button", name="Sign out").click()
    first.wait_for_url("**/sign-in**")
    second.wait_for_url("**/sign-in**", timeout=20_000)
    context.close()


def _drop(page: Page, path: Path) -> None:
    """Drops a file on the page, as a person does with the mouse."""
    transfer = page.evaluate_handle(
        """([name, bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name, {type: "application/pdf"}));
            return transfer;
        }""",
        [path.name, list(path.read_bytes())],
    )
    for kind in ("dragenter", "dragover", "drop"):
        page.dispatch_event("main", kind, {"dataTransfer": transfer})
