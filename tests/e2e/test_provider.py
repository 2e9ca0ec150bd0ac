"""Signing up, in and again through a provider's own pages, in a real browser; and connecting one in the settings."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import quiet_page
from tests.e2e.test_screens import take
from tests.fakes.oidc_provider import CLIENT_SECRET
from tests.providers import PASSWORD as PASSWORD_THERE
from tests.providers import RealProvider
from tests.running import PASSWORD, RunningClasio

pytestmark = [pytest.mark.browser, pytest.mark.screenshots]
EMAIL, MEMBER = "nina@newcomers.example", "olaf@provider.example"
AT_PROVIDER = ("/o/", "/accounts/", "/favicon.ico")
"""Pages of the provider, which are not ours to keep quiet."""


@pytest.fixture
def provider(clasio: RunningClasio) -> Iterator[RealProvider]:
    running = RealProvider(urlsplit(clasio.environment["OIDC_ISSUER"]).port)
    running.start()
    running.knows("nina", EMAIL)
    running.knows("olaf", MEMBER, name="Olaf Olden")
    yield running
    running.stop()


def sign_in_there(page: Page, username: str) -> None:
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD_THERE)
    page.get_by_role("button", name="Sign in at Example").click()


def test_up_in_and_again(clasio: RunningClasio, provider: RealProvider, browser: Browser) -> None:
    with quiet_page(browser, refused=AT_PROVIDER, viewport={"width": 1440, "height": 900}) as page:
        page.goto(f"{clasio.url}/sign-in")
        expect(page.get_by_role("button", name="Continue with Example")).to_be_visible()
        take(page, "sign-in-provider")
        page.get_by_role("button", name="Continue with Example").click()
        sign_in_there(page, "nina")
        page.wait_for_url(f"{clasio.url}/")
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()

        page.goto(f"{clasio.url}/settings")
        section = page.locator("#connected-accounts")
        expect(section.get_by_text(EMAIL)).to_be_visible()
        expect(page.locator("#sign-in").get_by_text("through Example")).to_be_visible()
        section.scroll_into_view_if_needed()
        take(page, "connected-accounts")
        page.get_by_role("button", name="Delete my account").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("You signed in a moment ago")).to_be_visible()
        expect(dialog.get_by_label("Your password")).to_have_count(0)
        take(page, "confirm-without-password")
        dialog.get_by_role("button", name="Cancel").click()
        section.get_by_role("button", name="Disconnect Example").click()
        dialog.get_by_role("button", name="Disconnect", exact=True).click()
        expect(dialog.get_by_text("This is your only way to sign in.")).to_be_visible()
        dialog.get_by_role("button", name="Cancel").click()
        section.get_by_role("button", name="Sign in again with Example").click()
        sign_in_there(page, "nina")  # the provider asks again, although it knows the browser
        page.wait_for_url(f"{clasio.url}/settings**")
        expect(page.get_by_role("button", name="Choose a password")).to_be_visible()
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Choose a password").click()
        expect(page.get_by_label("Current password")).to_be_visible()

        page.get_by_label("You and your settings").first.click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{clasio.url}/sign-in**")
        page.get_by_role("button", name="Continue with Example").click()
        page.wait_for_url(f"{clasio.url}/")  # the provider still knows the browser
    said = "\n".join(clasio.lines)
    assert "/auth/provider/{slug}/callback" in said
    for secret in ("code=", "state=", "code_verifier", CLIENT_SECRET, EMAIL):
        assert secret not in said


def test_an_account_that_is_there_is_connected(clasio: RunningClasio, provider: RealProvider, browser: Browser) -> None:
    made = clasio.admin("create-organization", "--name", "Olden & Co", "--owner-email", MEMBER)
    with quiet_page(browser, refused=AT_PROVIDER) as page:
        page.goto(made["sign_in_url"])
        page.get_by_role("textbox", name="Password").fill(PASSWORD)
        page.get_by_role("button", name="Save and sign in").click()
        page.wait_for_url(f"{clasio.url}/")
        page.goto(f"{clasio.url}/settings")
        page.get_by_role("button", name="Connect Example").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Your password").fill(PASSWORD)
        take(page, "connect-provider")
        dialog.get_by_role("button", name="Go to Example").click()
        sign_in_there(page, "olaf")
        page.wait_for_url(f"{clasio.url}/settings**")
        expect(page.get_by_text("It is connected: you can sign in with it")).to_be_visible()
        expect(page.locator("#connected-accounts").get_by_text(MEMBER)).to_be_visible()
