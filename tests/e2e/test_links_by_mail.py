"""A forgotten password and a new address, in a real browser, by the links that the mails hold."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import sign_in
from tests.e2e.test_screens import take
from tests.running import PASSWORD, RunningClasio

pytestmark = [pytest.mark.browser, pytest.mark.screenshots]
EMAIL, MOVED = "mara@mails.example", "mara@moved.example"
NEW_PASSWORD = "seven herons over a quiet mill"


@pytest.fixture
def mara(clasio: RunningClasio, page: Page) -> Page:
    """Signed in, in an organization of this test's own."""
    made = clasio.admin("create-organization", "--name", "Mails & Co", "--owner-email", EMAIL)
    page.goto(made["sign_in_url"])
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Save and sign in").click()
    page.wait_for_url(f"{clasio.url}/")
    return page


@pytest.fixture
def outbox(clasio: RunningClasio, browser: Browser) -> Iterator[Page]:
    """What the operator reads: no mail server takes the messages."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, clasio)
    yield page
    context.close()


def link_mailed_to(email: str, path: str, outbox: Page, clasio: RunningClasio) -> str:
    """Out of the newest mail to this address that leads to this page."""
    outbox.goto(f"{clasio.url}/ops/outbox")
    mail = outbox.locator("article").filter(has_text=f"To {email}").filter(has_text=path).first
    found = re.search(r"http\S+token=\S+", mail.inner_text())
    assert found
    return found[0]


def test_a_forgotten_password_and_a_new_address(clasio: RunningClasio, mara: Page, outbox: Page) -> None:
    page = mara
    page.goto(f"{clasio.url}/settings")
    expect(page.get_by_text("Not confirmed yet")).to_be_visible()
    take(page, "settings-email-address")
    page.get_by_role("button", name="Change", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New e-mail address").fill(MOVED)
    dialog.get_by_label("Your password").fill("not the password")
    dialog.get_by_role("button", name="Mail the link").click()
    expect(dialog.get_by_text("This is not your password")).to_be_visible()
    take(page, "change-email-address")
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Mail the link").click()
    expect(page.get_by_text(f"ask the person who runs it for the link to {MOVED}")).to_be_visible()

    page.goto(link_mailed_to(MOVED, "/confirm-email", outbox, clasio))
    page.get_by_role("button", name="Confirm this address").click()
    expect(page.get_by_role("heading", name="Your address is confirmed")).to_be_visible()
    page.goto(f"{clasio.url}/settings")
    expect(page.locator("#email-address").get_by_text(MOVED)).to_be_visible()
    expect(page.get_by_text("Confirmed.", exact=True)).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{clasio.url}/sign-in")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill(MOVED)
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto(link_mailed_to(MOVED, "/reset-password", outbox, clasio))
    page.get_by_role("textbox", name="Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"{clasio.url}/sign-in**")
    page.get_by_label("E-mail address").fill(MOVED)
    page.get_by_role("textbox", name="Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{clasio.url}/")
