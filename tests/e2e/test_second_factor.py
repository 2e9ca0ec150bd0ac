"""Two-factor sign-in, in a real browser: turned on with an app, asked for at sign-in, and turned off again."""

import time

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import quiet_page
from tests.e2e.test_screens import take
from tests.running import PASSWORD, RunningClasio

pytestmark = [pytest.mark.browser, pytest.mark.screenshots]
EMAIL = "tess@factor.example"
REFUSED = ("/auth/sign-in/code",)
STEP = 30


@pytest.fixture
def settings(clasio: RunningClasio, page: Page) -> Page:
    """The settings of somebody in an organization of this test's own."""
    made = clasio.admin("create-organization", "--name", "Factor & Co", "--owner-email", EMAIL)
    page.goto(made["sign_in_url"])
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Save and sign in").click()
    page.wait_for_url(f"{clasio.url}/")
    page.goto(f"{clasio.url}/settings")
    return page


def shown_code(secret: str) -> str:
    """One that does not change while it is typed."""
    if (left := STEP - time.time() % STEP) < 5:
        time.sleep(left)
    return pyotp.TOTP(secret).now()


def give_password(page: Page, clasio: RunningClasio) -> None:
    page.goto(f"{clasio.url}/sign-in")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sign-in/code**")


def forget_the_step(clasio: RunningClasio) -> None:
    """So that nobody has to wait for the app's next code."""
    clasio.sql("UPDATE second_factors SET last_step = NULL", [])


def turn_on(page: Page) -> tuple[str, list[str]]:
    """Through the three steps; returns the app's key and the recovery codes."""
    page.get_by_role("button", name="Turn on", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your password").fill("not the password")
    take(page, "second-factor-password")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_text("This is not your password")).to_be_visible()
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_alt_text("QR code for the app")).to_be_visible()
    secret = dialog.get_by_label("Key").input_value()
    dialog.get_by_label("Code", exact=True).fill("000000")
    dialog.get_by_role("button", name="Turn on").click()
    expect(dialog.get_by_text("This code is wrong")).to_be_visible()
    take(page, "second-factor-code")
    dialog.get_by_label("Code", exact=True).fill(shown_code(secret))
    dialog.get_by_role("button", name="Turn on").click()
    expect(dialog.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    take(page, "second-factor-codes")
    codes = dialog.get_by_role("listitem").all_inner_texts()
    with page.expect_download() as saved:
        dialog.get_by_role("link", name="Save as a file").click()
    assert saved.value.suggested_filename == "clasio-recovery-codes.txt"
    assert saved.value.path().read_text().split() == codes
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_be_hidden()
    return secret, codes


def require_of_everybody(clasio: RunningClasio, settings: Page, browser: Browser) -> None:
    """Somebody new is led to set it up before they see anything; then it is required no more."""
    settings.get_by_label("Two-factor sign-in").select_option("true")
    settings.get_by_role("button", name="Save", exact=True).click()
    expect(settings.get_by_text("The settings are saved.")).to_be_visible()
    settings.goto(f"{clasio.url}/members")
    settings.get_by_role("button", name="Invite", exact=True).click()
    settings.get_by_label("E-mail address").fill("newcomer@factor.example")
    settings.get_by_role("button", name="Send invite").click()
    link = settings.get_by_label("Invite link").input_value()
    settings.get_by_role("button", name="Done").click()
    with quiet_page(browser) as theirs:
        theirs.goto(link)
        theirs.get_by_label("Your name").fill("Nick Newcomer")
        theirs.get_by_role("textbox", name="Password").fill(PASSWORD)
        theirs.get_by_role("button", name="Join").click()
        theirs.wait_for_url("**/second-factor**")
        expect(theirs.get_by_text("Factor & Co requires it of everybody.")).to_be_visible()
        take(theirs, "second-factor-required")
        theirs.goto(f"{clasio.url}/documents")
        theirs.wait_for_url("**/second-factor**")
        theirs.get_by_label("Your password").fill(PASSWORD)
        theirs.get_by_role("button", name="Continue").click()
        secret = theirs.get_by_label("Key").input_value()
        take(theirs, "second-factor-required-code")
        theirs.get_by_label("Code", exact=True).fill(shown_code(secret))
        theirs.get_by_role("button", name="Turn on").click()
        expect(theirs.get_by_text("They are shown this once.")).to_be_visible()
        theirs.get_by_role("link", name="Go on").click()
        expect(theirs.get_by_role("heading", name="Overview")).to_be_visible()
    expect(settings.get_by_text("Two-factor", exact=True)).to_have_count(2)
    settings.get_by_role("button", name="Switch off the access of Nick Newcomer").click()
    expect(settings.get_by_text("Switched off", exact=True)).to_be_visible()
    take(settings, "members-second-factor")
    settings.goto(f"{clasio.url}/settings")
    settings.get_by_label("Two-factor sign-in").select_option("false")
    settings.get_by_role("button", name="Save", exact=True).click()
    expect(settings.get_by_text("The settings are saved.")).to_be_visible()


def test_a_code_is_asked_for_from_the_day_it_is_turned_on(
    clasio: RunningClasio, settings: Page, browser: Browser
) -> None:
    secret, codes = turn_on(settings)
    expect(settings.get_by_text("10 of 10 recovery codes are left.")).to_be_visible()
    for code in (secret, *codes):
        assert code not in settings.content()  # gone with the dialog
    take(settings, "second-factor-on")

    with quiet_page(browser, refused=REFUSED) as again:
        give_password(again, clasio)
        take(again, "sign-in-code")
        again.get_by_label("Code").fill("123")
        again.get_by_role("button", name="Sign in").click()
        expect(again.get_by_text("This code is wrong")).to_be_visible()
        take(again, "sign-in-code-refused")
        forget_the_step(clasio)
        again.get_by_label("Code").fill(shown_code(secret))
        again.get_by_role("button", name="Sign in").click()
        again.wait_for_url(f"{clasio.url}/")
        expect(again.get_by_role("heading", name="Overview")).to_be_visible()

    with quiet_page(browser) as without_app:
        give_password(without_app, clasio)
        without_app.get_by_label("Code").fill(codes[0].upper())
        without_app.get_by_role("button", name="Sign in").click()
        without_app.wait_for_url(f"{clasio.url}/")

    require_of_everybody(clasio, settings, browser)

    settings.get_by_role("button", name="Turn off").click()
    dialog = settings.get_by_role("dialog")
    dialog.get_by_label("Your password").fill(PASSWORD)
    dialog.get_by_label("Code", exact=True).fill(codes[0])  # was used a moment ago
    dialog.get_by_role("button", name="Turn off").click()
    expect(dialog.get_by_text("This code is wrong")).to_be_visible()
    take(settings, "second-factor-off")
    dialog.get_by_label("Code", exact=True).fill(codes[1])
    dialog.get_by_role("button", name="Turn off").click()
    expect(settings.get_by_text("Two-factor sign-in is off.")).to_be_visible()
    expect(settings.get_by_role("button", name="Turn on", exact=True)).to_be_visible()
