"""Every screen of the demo in each size and theme: a picture in tests/screenshots, a quiet console, nothing cut off."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import quiet_page
from tests.running import PASSWORD, RunningClasio

pytestmark = [pytest.mark.browser, pytest.mark.screenshots, pytest.mark.xdist_group("running")]
FOLDER = Path(__file__).resolve().parents[1] / "screenshots"
SIZES = {1440: 900, 1024: 768, 390: 844}
OWNER = "ada@larkfield.example"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClasio]:
    running = RunningClasio(tmp_path_factory.mktemp("demo"))
    running.start("--demo")
    link = re.search(r"token=(\S+)", running.wait_for_line("Demo: choose a password", 60))
    assert link
    with httpx.Client(base_url=running.url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=30) as client:
        chosen = client.post("/auth/set-password", data={"token": link[1], "password": PASSWORD})
        assert chosen.status_code == httpx.codes.SEE_OTHER
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def signed_in(demo: RunningClasio, browser: Browser) -> Any:
    """What the browser keeps of a person who has signed in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{demo.url}/sign-in")
    page.get_by_label("E-mail address").fill(OWNER)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{demo.url}/")
    state = context.storage_state()
    context.close()
    return state


def take(page: Page, name: str, theme: str) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.wait_for_timeout(400)  # what moves has come to rest
    page.screenshot(path=FOLDER / f"{name}-{theme}-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_every_screen_fits_and_is_quiet(
    demo: RunningClasio, signed_in: Any, browser: Browser, width: int, theme: str
) -> None:
    size = {"width": width, "height": SIZES[width]}
    with quiet_page(browser, viewport=size, color_scheme=theme, storage_state=signed_in) as page:
        page.goto(demo.url)
        expect(page.get_by_role("heading", name="Latest activity")).to_be_visible()
        take(page, "overview", theme)

        page.goto(f"{demo.url}/documents")
        expect(page.locator("[data-row]").first).to_be_visible()
        take(page, "documents", theme)

        page.locator("[data-row] [data-open]").first.click()
        expect(page.get_by_role("heading", name="Stages")).to_be_visible()
        take(page, "document", theme)

        page.goto(f"{demo.url}/search?q=oak boards")
        expect(page.locator("mark").first).to_be_visible()
        take(page, "search", theme)

        page.goto(f"{demo.url}/search?q=zzzzzz")
        expect(page.get_by_text("zzzzzz").last).to_be_visible()
        take(page, "search-nothing", theme)

        page.goto(f"{demo.url}/nowhere")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        take(page, "not-found", theme)
    with quiet_page(browser, viewport=size, color_scheme=theme) as page:
        page.goto(f"{demo.url}/sign-in")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        take(page, "sign-in", theme)
