"""A real browser, and pages that fail their test when their console says anything."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
REFUSED_ON_PURPOSE = ("/auth/setup", "/nowhere")
"""The browser itself notes every answer above 399; a refused form and a missing page are meant to have one."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with quiet_page(browser, viewport={"width": 1440, "height": 900}) as page:
        yield page


@contextmanager
def quiet_page(browser: Browser, **context_options: Any) -> Iterator[Page]:
    """A page that fails the test when anything is written to its console as a warning or an error."""
    context = browser.new_context(**context_options)
    page = context.new_page()
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"warning", "error"} and not message.location["url"].endswith(REFUSED_ON_PURPOSE):
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []
