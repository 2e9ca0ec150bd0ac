"""The pages of a shared document in a real browser that runs no script: read, jump, select; small and dark too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.cast import Actor
from tests.e2e.accessibility import grave_findings, small_targets
from tests.e2e.conftest import quiet_page
from tests.http.test_shares import share
from tests.made_documents import Made
from tests.serving import serving
from tests.worker import Worker

pytestmark = pytest.mark.browser
ICON = ("/icon.svg",)
"""Part of the interface, which is not served here."""
PAGES = 200
DARK_PHONE = {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture
def link(app: FastAPI, owner: Actor, worker: Worker, tmp_path: Path) -> Iterator[str]:
    """Where 200 pages are shared."""
    texts = [f"Clause {number} of the long lease" for number in range(1, PAGES + 1)]
    document = factories.upload(owner.scope, "A long lease.pdf", Made(tmp_path).pdf(*texts).read_bytes())
    worker.run_all()
    path = share(app, owner, document.id)
    with serving(app) as url:
        yield f"{url}{path}"


def drawn(page: Page, number: int) -> None:
    """The picture of this page has come."""
    picture = page.get_by_role("img", name=f"Page {number}", exact=True)
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("picture => picture.naturalWidth") > 0


def test_two_hundred_pages_are_read_without_script(browser: Browser, link: str) -> None:
    with quiet_page(browser, refused=ICON, java_script_enabled=False) as page:
        page.goto(link)
        expect(page.get_by_role("heading", name="Pages 1 to 5 of 200")).to_be_visible()
        page.get_by_role("link", name="Next pages").first.click()
        expect(page.get_by_role("heading", name="Pages 6 to 10 of 200")).to_be_visible()
        page.get_by_label("Page", exact=True).first.fill("198")
        page.get_by_role("button", name="Go").first.click()
        expect(page.get_by_role("heading", name="Pages 196 to 200 of 200")).to_be_visible()
        expect(page.get_by_role("img")).to_have_count(5)
        expect(page.get_by_role("link", name="Next pages")).to_have_count(0)


def test_words_are_selected_as_they_stand(browser: Browser, link: str) -> None:
    with quiet_page(browser, refused=ICON, viewport={"width": 1440, "height": 900}) as page:
        page.goto(link)
        for number in range(1, 6):
            drawn(page, number)
        page.get_by_text("Text", exact=True).click()
        expect(page.locator("details")).to_contain_text("Clause 3 of the long lease")
        words = page.locator(".words").nth(2)
        words.locator("text").first.click(click_count=3)
        assert "Clause 3 of the long lease" in page.evaluate("getSelection().toString()")
        picture, text = (page.locator(one).nth(2).bounding_box() for one in (".page img", ".words text"))
        assert picture
        assert text
        assert picture["x"] < text["x"] < picture["x"] + picture["width"]
        assert picture["y"] < text["y"] < picture["y"] + picture["height"]


@pytest.mark.parametrize("options", [{}, DARK_PHONE], ids=["light", "dark phone"])
def test_it_is_for_everybody(options: dict[str, object], browser: Browser, link: str) -> None:
    with quiet_page(browser, refused=ICON, **options) as page:
        page.goto(link)
        drawn(page, 1)
        assert grave_findings(page) == []
        assert small_targets(page) == []
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"]  # type: ignore[index]
