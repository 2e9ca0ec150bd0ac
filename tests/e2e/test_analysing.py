"""Many analyses in a real browser: what they take is told first, and the rows follow without a reload."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sign_in
from tests.running import RunningClasio

pytestmark = pytest.mark.browser


def test_documents_are_analysed_after_the_dialog_said_what_it_takes(clasio: RunningClasio, page: Page) -> None:
    with clasio.client() as client:
        sent = [("file", ("offer for analysis.txt", b"Quote 12: twelve oak doors, 4,800.00 EUR."))]
        client.post("/api/v1/documents", files=sent).raise_for_status()
    sign_in(page, clasio)
    page.goto(f"{clasio.url}/documents")
    row = page.locator("[data-row]").filter(has_text="offer for analysis.txt")
    expect(row.get_by_text("Analysed").locator("visible=true").first).to_be_visible()
    row.get_by_label("Select offer for analysis.txt").click()
    page.get_by_role("button", name="Analyse", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 document", exact=True)).to_be_visible()
    expect(dialog.get_by_text("It is free.")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Analyse", exact=True).click()
    dialog.get_by_label("Kind of analysis").select_option("thorough")
    dialog.get_by_role("button", name="Analyse").click()
    expect(page.get_by_text("1 document queued for analysis.")).to_be_visible()

    row.get_by_role("link", name="offer for analysis.txt").click()
    page.get_by_role("button", name="Analyse thoroughly").click()
    done = page.get_by_role("listitem").filter(has_text=re.compile("analysed"))  # the stage is written "Analysed"
    expect(done).to_have_count(3)  # by itself, from the list, and from here
