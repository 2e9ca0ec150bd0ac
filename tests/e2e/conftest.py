"""A real browser, and pages that fail their test when their console says anything."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.fakes.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tests.lines import start_only_once
from tests.running import OWNER, PASSWORD, RunningClasio, free_port

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
expect.set_options(timeout=30_000)  # as long as clicks wait: two cores may be busy with other tests
REFUSED_ON_PURPOSE = ("/auth/setup", "/auth/sign-in", "/nowhere", "/s/")
"""The browser itself notes every answer above 399; here one is meant: a refused form, no page, a closed share."""
OFFLINE = "net::ERR_INTERNET_DISCONNECTED"
"""What it notes while a test has it offline."""
LEFT_EARLY = "WebSocket is closed before the connection is established"
"""What it notes when a test goes on to another page while this one is still connecting."""


@pytest.fixture(scope="session")
def clasio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClasio]:
    """One that has its owner; every test here shares it, so each brings documents and people of its own names."""
    start_only_once(tmp_path_factory, "clasio")
    settings = {
        "OIDC_ISSUER": f"http://127.0.0.1:{free_port()}/o",  # where one test runs a provider
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "OIDC_NAME": "Example",
        "SIGN_UP_DOMAINS": "newcomers.example",
    }
    running = RunningClasio(tmp_path_factory.mktemp("clasio"), environment=settings)
    running.start()
    running.set_up()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of one module: while Playwright runs, its event loop is this thread's, and other tests want their own."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with quiet_page(browser, viewport={"width": 1440, "height": 900}) as page:
        yield page


@contextmanager
def quiet_page(browser: Browser, *, refused: tuple[str, ...] = (), **context_options: Any) -> Iterator[Page]:
    """A page that fails the test when anything is written to its console as a warning or an error.

    `refused` are further paths at which the test means to be refused.
    """
    context = browser.new_context(**context_options)
    page = context.new_page()
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        is_meant = any(text in message.text for text in (OFFLINE, LEFT_EARLY)) or any(
            path in message.location["url"] for path in (*REFUSED_ON_PURPOSE, *refused)
        )
        if message.type in {"warning", "error"} and not is_meant:
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def sign_in(page: Page, clasio: RunningClasio, email: str = OWNER) -> None:
    """As the owner that `RunningClasio.set_up` made, or as somebody else with the same password."""
    page.goto(f"{clasio.url}/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    with page.expect_response("**/auth/sign-in") as answer:
        page.get_by_role("button", name="Sign in").click()
    assert answer.value.ok, f"{answer.value.status}: {page.locator('form').inner_text()}"
    page.wait_for_url(f"{clasio.url}/")
