"""A plan that fills up, in a real browser: the notice, the mail, the refusal in the tray, the way to the usage page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.conftest import quiet_page, sign_in
from tests.running import PASSWORD, RunningClasio

pytestmark = pytest.mark.browser
USED = 399
"""One document more is 80 % of the free plan's 500."""


@pytest.fixture
def small(clasio: RunningClasio, browser: Browser) -> Iterator[tuple[str, Page]]:
    """An organization on the free plan, by the operator's command, with 399 of 500 documents; its owner's page."""
    made = clasio.admin("create-organization", "--name", "Small Ltd", "--owner-email", "sue@example.com")
    organization = made["organization_id"]
    changed = clasio.admin("set-plan", "--organization", organization, "--plan", "free")
    assert changed == {"organization_id": organization, "plan": "free", "plan_before": "business"}
    _use(clasio, organization, USED)
    with quiet_page(browser, refused=("/api/v1/documents",), viewport={"width": 1440, "height": 900}) as page:
        page.goto(made["sign_in_url"])
        page.get_by_role("textbox", name="Password").fill(PASSWORD)
        page.get_by_role("button", name="Save and sign in").click()
        page.wait_for_url(f"{clasio.url}/")
        yield organization, page


def _use(clasio: RunningClasio, organization: str, documents: int) -> None:
    """As if that many had been uploaded, which would take a minute."""
    clasio.sql(
        "INSERT INTO usage_counters (organization_id, meter, period, used) VALUES (%s, 'documents', '1970-01-01', %s)"
        " ON CONFLICT (organization_id, meter, period) DO UPDATE SET used = excluded.used",
        [organization, documents],
    )


def _upload(page: Page, folder: Path, name: str) -> None:
    path = folder / name
    path.write_text(f"The text of {name}.")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").first.click()
    chooser.value.set_files(path)


def test_a_plan_that_fills_up_says_so_before_and_when_it_is_full(
    clasio: RunningClasio, small: tuple[str, Page], page: Page, tmp_path: Path
) -> None:
    organization, theirs = small
    _upload(theirs, tmp_path, "the 400th.txt")
    limits = theirs.get_by_role("list", name="Limits")
    expect(limits).to_contain_text("400 of 500 are used on the free plan", timeout=20_000)  # without a reload

    sign_in(page, clasio)
    page.goto(f"{clasio.url}/ops/outbox")
    expect(page.get_by_text("Small Ltd has used 80 % of its documents").first).to_be_visible()

    _use(clasio, organization, 500)
    theirs.goto(f"{clasio.url}/documents")
    expect(limits).to_contain_text("Documents: limit reached.")
    _upload(theirs, tmp_path, "one too many.txt")
    refused = theirs.locator(".tray-row").filter(has_text="one too many.txt")
    expect(refused).to_contain_text("500 of 500 documents are used")
    refused.get_by_role("link", name="Usage and plan").click()
    theirs.wait_for_url("**/usage")
    expect(theirs.get_by_role("heading", name="Who used what")).to_be_visible()
    expect(theirs.get_by_text("Limit reached", exact=True)).to_be_visible()


def test_uploads_that_come_too_fast_wait_and_go_on(clasio: RunningClasio, browser: Browser, tmp_path: Path) -> None:
    refusals = [{"code": "too_many_requests", "detail": "Too many attempts. Try again in 1 second.", "retry_after": 1}]

    def answer(route: Route) -> None:
        if route.request.method == "POST" and refusals:
            route.fulfill(status=429, json=refusals.pop(), content_type="application/problem+json")
        else:
            route.continue_()

    with quiet_page(browser, refused=("/api/v1/documents",)) as page:
        sign_in(page, clasio)
        page.route("**/api/v1/documents", answer)
        page.goto(f"{clasio.url}/documents")
        _upload(page, tmp_path, "patient.txt")
        expect(page.locator(".tray-row").filter(has_text="patient.txt")).to_contain_text("Uploaded")
    assert refusals == []
