"""Analyses on the customer's terms, in a real browser: categories, what is never sent to AI, values taken back."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in
from tests.running import RunningClasio

pytestmark = pytest.mark.browser


def test_an_owner_edits_the_categories_and_says_what_is_never_sent_to_ai(clasio: RunningClasio, page: Page) -> None:
    with clasio.client() as client:
        text = b"Employment contract between Nora North and Acme, agreed and signed on 3 May 2026."
        client.post("/api/v1/documents", files={"file": ("terms of work.txt", text)}).raise_for_status()
    sign_in(page, clasio)
    page.goto(f"{clasio.url}/settings")
    categories = page.get_by_role("list", name="Categories")
    page.get_by_label("New category").fill("Building plans")
    page.get_by_role("button", name="Add category").click()
    expect(categories.get_by_text("Building plans", exact=True)).to_be_visible()
    page.get_by_label("New category").fill("building PLANS")
    page.get_by_role("button", name="Add category").click()
    expect(page.get_by_text("There is a category “Building plans” already.")).to_be_visible()
    page.get_by_role("button", name="Rename Building plans").click()
    page.get_by_label("Name of the category Building plans").fill("Drawings")
    page.keyboard.press("Enter")
    expect(categories.get_by_text("Drawings", exact=True)).to_be_visible()
    page.get_by_role("button", name="Never send documents of Drawings to AI").click()
    expect(categories.get_by_text("Never sent to AI")).to_have_count(1)

    page.goto(f"{clasio.url}/documents")
    page.locator("[data-row]").get_by_role("link", name="terms of work.txt").click()
    page.get_by_role("button", name="Edit category").click()
    page.get_by_role("combobox", name="Category").select_option("Drawings")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Edit category: Drawings")).to_be_visible()
    page.get_by_role("button", name="Undo the category").click()
    expect(page.get_by_role("button", name="Edit category: Drawings")).to_have_count(0)
    page.get_by_role("button", name="Accept the type").click()
    expect(page.get_by_role("button", name="Undo the type")).to_be_visible()
    page.get_by_label("Never send to AI").click()  # it is set when the server has said so
    expect(page.get_by_label("Never send to AI")).to_be_checked()

    page.goto(f"{clasio.url}/settings")
    page.get_by_role("button", name="Merge Drawings into another").click()
    page.get_by_label("Merge into").select_option("Reports")
    page.get_by_role("dialog").get_by_role("button", name="Merge").click()
    expect(page.get_by_text("Drawings is being merged.")).to_be_visible()
    expect(categories.get_by_text("Drawings", exact=True)).to_have_count(0, timeout=30_000)  # the job has removed it
