"""Taking one's data along, in a real browser: start, leave the page, find it again, download, remove."""

import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in
from tests.running import RunningClasio

pytestmark = pytest.mark.browser


def test_an_export_is_started_found_again_downloaded_and_removed(clasio: RunningClasio, page: Page) -> None:
    with clasio.client() as client:
        client.post("/api/v1/documents", files={"file": ("take along.txt", b"To be taken along.")}).raise_for_status()
    sign_in(page, clasio)
    page.goto(f"{clasio.url}/settings")
    page.get_by_role("button", name="Export the organization").click()
    expect(page.get_by_text("The export has begun.")).to_be_visible()
    page.get_by_role("link", name="Documents", exact=True).click()
    page.locator("[data-row]").get_by_role("link", name="take along.txt").click()
    with page.expect_download() as original:
        page.get_by_role("link", name="Download", exact=True).click()
    assert original.value.path().read_text() == "To be taken along."
    page.get_by_role("link", name="Settings", exact=True).click()
    download_link = page.get_by_role("link", name="Download the export: The organization")
    expect(download_link).to_be_visible(timeout=30_000)  # came in live
    with page.expect_download() as download:
        download_link.click()
    assert download.value.suggested_filename.startswith("clasio export of organization")
    with zipfile.ZipFile(download.value.path()) as archive:
        name = next(name for name in archive.namelist() if name.endswith("take along.txt"))
        assert archive.read(name) == b"To be taken along."
    page.get_by_role("button", name="Remove the export").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove the export").click()
    expect(page.get_by_text("The export is removed.")).to_be_visible()
    expect(download_link).to_have_count(0)
