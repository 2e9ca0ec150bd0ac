"""Letting one document out, in a real browser: share with a password, open it as an outsider, close it again."""

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import quiet_page, sign_in
from tests.running import RunningClasio

pytestmark = pytest.mark.browser
SHARE_PASSWORD = "under the third stone"


def test_a_document_is_shared_opened_by_an_outsider_and_closed(
    clasio: RunningClasio, page: Page, browser: Browser
) -> None:
    with clasio.client() as client:
        client.post("/api/v1/documents", files={"file": ("lease.txt", b"The rent is due.")}).raise_for_status()
    sign_in(page, clasio)
    page.goto(f"{clasio.url}/documents")
    page.locator("[data-row]").get_by_role("link", name="lease.txt").click()
    page.get_by_role("button", name="Share").click()
    page.get_by_label("Password").fill("short")
    page.get_by_role("dialog").get_by_role("button", name="Share").click()
    expect(page.get_by_text("A password has 8 characters at least.")).to_be_visible()
    page.get_by_label("Password").fill(SHARE_PASSWORD)
    page.get_by_role("dialog").get_by_role("button", name="Share").click()
    link = page.get_by_label("Link").input_value()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name="Shared with")).to_be_visible()  # came in live

    with quiet_page(browser, java_script_enabled=False) as theirs:
        theirs.goto(link)
        theirs.get_by_label("Password").fill(SHARE_PASSWORD)
        theirs.get_by_role("button", name="Open the document").click()
        expect(theirs.get_by_role("heading", name="lease.txt")).to_be_visible()
        expect(theirs.get_by_text("The rent is due.")).to_be_visible()
        with theirs.expect_download() as download:
            theirs.get_by_role("link", name="Download").click()
        assert download.value.suggested_filename == "lease.txt"
        assert download.value.path().read_text() == "The rent is due."

        page.get_by_role("link", name="Shared", exact=True).click()
        opened = page.get_by_role("button", name="Opened 2 times")
        opened.click()
        expect(page.get_by_text("Downloaded on a computer")).to_be_visible()
        page.get_by_role("button", name="Close", exact=True).click()
        page.get_by_role("button", name="Revoke the share").click()
        expect(page.get_by_text("Nothing is shared")).to_be_visible()

        theirs.goto(link)
        expect(theirs.get_by_role("heading", name="This link does not work")).to_be_visible()
    assert httpx.get(link).status_code == httpx.codes.NOT_FOUND
