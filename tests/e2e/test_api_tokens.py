"""API tokens in a real browser: made with a scope and an end, used by a script, and revoked."""

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_screens import take
from tests.running import PASSWORD, RunningClasio

pytestmark = [pytest.mark.browser, pytest.mark.screenshots]


def test_a_token_is_made_for_reading_and_revoked(clasio: RunningClasio, page: Page) -> None:
    made = clasio.admin("create-organization", "--name", "Script & Co", "--owner-email", "sam@script.example")
    page.goto(made["sign_in_url"])
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Save and sign in").click()
    page.wait_for_url(f"{clasio.url}/")
    page.goto(f"{clasio.url}/settings")
    page.get_by_role("button", name="New token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Nightly report")
    dialog.get_by_label("It may do").select_option("Read only")
    take(page, "token-new")
    dialog.get_by_role("button", name="Create token").click()
    expect(page.get_by_role("heading", name="Your new token")).to_be_visible()
    token = dialog.get_by_label("API token").input_value()
    page.get_by_role("button", name="Done").click()
    row = page.get_by_role("list", name="API tokens").get_by_role("listitem")
    expect(row).to_contain_text("Read only · Ends in 90 days")
    take(page, "token-list")
    with httpx.Client(base_url=clasio.url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as script:
        assert script.get("/api/v1/documents").status_code == 200
        refused = script.post("/api/v1/documents", files={"file": ("a.txt", b"a")})
        assert (refused.status_code, refused.json()["code"]) == (403, "token_scope")
        row.get_by_role("button", name="Revoke the token Nightly report").click()
        expect(row).to_have_count(0)
        assert script.get("/api/v1/documents").status_code == 401
