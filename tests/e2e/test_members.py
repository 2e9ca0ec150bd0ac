"""Letting people in, in a real browser: invite, accept, change of role, removal that closes an open page."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import quiet_page, sign_in
from tests.running import PASSWORD, RunningClasio

pytestmark = pytest.mark.browser
NEWCOMER = "nina@example.com"


def test_an_owner_lets_somebody_in_and_out_again(clasio: RunningClasio, page: Page, browser: Browser) -> None:
    sign_in(page, clasio)
    page.get_by_role("link", name="Members").click()
    page.get_by_role("button", name="Invite", exact=True).first.click()
    page.get_by_label("E-mail address").fill("nina@nowhere")
    page.get_by_role("button", name="Send invite").click()
    expect(page.get_by_text("This is not an e-mail address")).to_be_visible()
    page.get_by_label("E-mail address").fill(NEWCOMER)
    page.get_by_role("button", name="Send invite").click()
    link = page.get_by_label("Invite link").input_value()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text(NEWCOMER, exact=True)).to_be_visible()

    page.goto(f"{clasio.url}/ops/outbox")  # without a mail server, the operator reads what was to be sent
    expect(page.get_by_text(NEWCOMER).first).to_be_visible()
    page.goto(f"{clasio.url}/members")

    with quiet_page(browser) as theirs:
        theirs.goto(link)
        expect(theirs.get_by_role("heading", name="Join Acme")).to_be_visible()
        theirs.get_by_label("Your name").fill("Nina Newcomer")
        theirs.get_by_role("textbox", name="Password").fill(PASSWORD)
        theirs.get_by_role("button", name="Join").click()
        theirs.wait_for_url(f"{clasio.url}/")
        theirs.goto(f"{clasio.url}/members")
        expect(theirs.get_by_role("listitem").filter(has_text="Nina Newcomer")).to_be_visible()
        expect(theirs.get_by_role("button", name="Invite", exact=True)).to_have_count(0)

        person = page.get_by_role("listitem").filter(has_text="Nina Newcomer")
        expect(person).to_be_visible()  # came in live
        person.get_by_role("button", name="Remove Nina Newcomer").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(page.get_by_text("has no access any more")).to_be_visible()
        theirs.wait_for_url("**/sign-in**", timeout=20_000)  # their open page closes by itself

    with quiet_page(browser) as again:
        again.goto(link)
        expect(again.get_by_role("heading", name="This invite does not work")).to_be_visible()
