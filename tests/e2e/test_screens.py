"""Every screen of the demo in each size and theme: a picture in tests/screenshots, a quiet console, nothing cut off,
nothing that axe-core calls serious, nothing too small for a finger. Each screen is opened once and then resized."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import grave_findings, small_targets
from tests.e2e.conftest import quiet_page
from tests.lines import start_only_once
from tests.running import PASSWORD, RunningClasio

pytestmark = [pytest.mark.browser, pytest.mark.screenshots]
FOLDER = Path(__file__).resolve().parents[1] / "screenshots"
SIZES = {390: 844, 1024: 768, 1440: 900}
THEME_IS_SET = """async theme => {
    const {classList} = document.documentElement;
    if (!classList.contains("light") && !classList.contains("dark")) return true;  // by style sheets alone
    if (!classList.contains(theme)) return false;
    await new Promise(requestAnimationFrame);
    return true;
}"""
"""Where a script sets the theme, it does so a moment after the browser has been told."""
PICTURES = [(390, "light"), (1024, "light"), (1440, "light"), (1440, "dark"), (390, "dark")]
EXAMINED = {(390, "light"), (1440, "dark")}
"""Where axe-core looks: both themes, and both layouts."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningClasio]:
    start_only_once(tmp_path_factory, "demo")
    running = RunningClasio(tmp_path_factory.mktemp("demo"))
    running.start("--demo")
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def owner(demo: RunningClasio, browser: Browser) -> Any:
    """What the browser keeps of the demo's owner."""
    link = re.search(r"http\S+", demo.wait_for_line("Demo: choose a password", 60))
    assert link
    return _signed_in(demo, browser, link[0])


@pytest.fixture(scope="module")
def newcomer(demo: RunningClasio, browser: Browser) -> Any:
    """What the browser keeps of the owner of an organization in which nothing happened yet."""
    name = "A very long name of a new organization & sons"
    made = demo.admin("create-organization", "--name", name, "--owner-email", "new@example.com")
    return _signed_in(demo, browser, made["sign_in_url"])


def _signed_in(demo: RunningClasio, browser: Browser, link: str) -> Any:
    with quiet_page(browser) as page:
        page.goto(link)
        page.get_by_role("textbox", name="Password").fill(PASSWORD)
        with page.expect_response("**/auth/set-password") as answer:
            page.get_by_role("button", name="Save and sign in").click()
        assert answer.value.ok, f"{answer.value.status}: {page.locator('form').inner_text()}"
        page.wait_for_url(f"{demo.url}/")
        return page.context.storage_state()


def take(page: Page, name: str) -> None:
    """Pictures of what the page shows now; says what is wrong with it."""
    wrong, former = [], None
    for width, theme in PICTURES:
        page.set_viewport_size({"width": width, "height": SIZES[width]})
        if theme != former:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.wait_for_function(THEME_IS_SET, arg=theme)
            former = theme
        page.screenshot(path=FOLDER / f"{name}-{theme}-{width}.png")
        if (width, theme) in EXAMINED:
            wrong += grave_findings(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"scrolls sideways at {width}")
    wrong += small_targets(page)  # on the phone, the last one
    assert wrong == [], name


def see(page: Page, url: str, name: str, what: str) -> None:
    """Opens a page, waits until it shows `what` (part of a text), and takes it."""
    page.goto(url)
    expect(page.get_by_text(what).locator("visible=true").first).to_be_visible()
    take(page, name)


def test_every_screen_with_life_in_it(demo: RunningClasio, owner: Any, browser: Browser) -> None:
    with quiet_page(browser, color_scheme="light", storage_state=owner, reduced_motion="reduce") as page:
        see(page, demo.url, "overview", "Latest activity")
        _documents(page, demo)
        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="Go to, find, do").fill("oak")
        expect(page.get_by_role("group", name="Documents")).to_be_visible()
        take(page, "palette")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        take(page, "keys")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="You and your settings").locator("visible=true").click()
        take(page, "person-menu")
        see(page, f"{demo.url}/documents?outcome=failed", "documents-none-fit", "No document fits these filters")
        see(page, f"{demo.url}/documents?stage=nowhere", "documents-error", "This could not be loaded")
        _document(page, demo)

        page.goto(f"{demo.url}/search?q=oak boards")
        expect(page.locator("mark").first).to_be_visible()
        take(page, "search")
        see(page, f"{demo.url}/search?q=zzzzzz", "search-nothing", "No document fits this query")
        see(page, f"{demo.url}/trash", "trash", "Kept for 30 days")
        see(page, f"{demo.url}/activity", "activity", "Today")
        see(
            page,
            f"{demo.url}/activity?subject=share&since=2001-01-01&until=2001-01-02",
            "activity-none-fit",
            "Nothing fits",
        )
        see(page, f"{demo.url}/usage", "usage", "Who used what")
        see(page, f"{demo.url}/settings", "settings", "API tokens")
        page.goto(f"{demo.url}/members")
        page.get_by_role("button", name="Invite", exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.get_by_label("E-mail address").fill("sam@nowhere")
        page.get_by_role("button", name="Send invite").click()
        expect(page.get_by_text("This is not an e-mail address")).to_be_visible()
        expect(page.get_by_label("E-mail address")).to_be_focused()
        take(page, "members-invite")
        page.get_by_label("E-mail address").fill("sam@example.com")
        page.get_by_role("button", name="Send invite").click()
        expect(page.get_by_label("Invite link")).to_be_visible()
        take(page, "members-invited")
        _ops(page, demo)
        see(page, f"{demo.url}/members", "members", "sam@example.com")
        page.context.set_offline(True)
        expect(page.get_by_text("You are offline.")).to_be_visible()
        take(page, "offline")
        page.context.set_offline(False)
        expect(page.get_by_text("You are offline.")).to_be_hidden()  # by itself


def _documents(page: Page, demo: RunningClasio) -> None:
    """The list with its small pictures, which a phone does without; then with one document selected."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{demo.url}/documents")
    pictures = page.locator("[data-row] .thumb img")
    for place in range(3):
        expect(pictures.nth(place)).to_have_attribute("data-state", "shown")
    take(page, "documents")
    page.get_by_role("checkbox", name="Select ").nth(1).click()
    expect(page.get_by_role("toolbar")).to_be_visible()
    take(page, "documents-selected")


def _quarantine(page: Page, demo: RunningClasio) -> None:
    """With two documents that look as if the scanner had caught them; one is released, one deleted."""
    demo.sql(
        "UPDATE documents d SET outcome = 'infected', stage = 'scanned', scan = c.scan, scan_signature = c.signature,"
        " scan_engine = %s, scanned_at = now(), error_code = 'infected', error_message = 'The virus scanner found '"
        " || c.signature || ' in this file, so it is in quarantine.' FROM (SELECT d.organization_id, d.id, v.* FROM"
        " (SELECT *, row_number() OVER (ORDER BY id) AS n FROM documents WHERE deleted_at IS NULL) d JOIN (VALUES"
        " (3, 'infected', 'Eicar-Test-Signature.UNOFFICIAL'), (4, 'blocked', 'Clasio.Limits: total size'))"
        " AS v (n, scan, signature) ON v.n = d.n) c WHERE d.organization_id = c.organization_id AND d.id = c.id",
        ["ClamAV 1.4.6/27500/Thu Nov 26 10:00:00 2026"],
    )
    see(page, f"{demo.url}/quarantine", "quarantine", "Cannot be scanned as a whole: total size")
    page.locator("[data-row] [data-open]").first.click()
    expect(page.get_by_text("Nobody can open it until an owner releases it.")).to_be_visible()
    assert page.get_by_role("button", name="Share", exact=True).count() == 0
    take(page, "document-quarantined")
    page.goto(f"{demo.url}/quarantine")
    page.get_by_role("button", name="Release").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    take(page, "quarantine-release")
    page.get_by_label("Reason").fill("A test file of our own scanner")
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(page.get_by_text("Released. It is being read.")).to_be_visible()
    page.get_by_role("button", name="Close notice").click()
    page.get_by_role("button", name="Delete").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Nothing is in quarantine")).to_be_visible()
    page.get_by_role("button", name="Close notice").click()
    take(page, "quarantine-empty")


def _ops(page: Page, demo: RunningClasio) -> None:
    """The pages of operators, with dead jobs and a paused queue."""
    see(page, f"{demo.url}/ops", "ops", "All is well")
    page.get_by_role("button", name="Pause the queue bulk").click()
    demo.sql(
        "INSERT INTO jobs (organization_id, id, kind, queue, idempotency_key, state, attempts, finished_at, last_error)"
        " SELECT o.id, gen_random_uuid(), k, 'read', k, 'dead', 3, now(), %s FROM organizations o,"
        " unnest(ARRAY['documents.read', 'mail.send']) k LIMIT 2",
        ['Traceback (most recent call last):\n  File "reader.py", line 7, in read\nOSError: the disk was full'],
    )
    expect(page.get_by_text("2 dead jobs.")).to_be_visible()
    page.get_by_text("Stack").first.click()
    take(page, "ops-dead")
    page.get_by_role("button", name="Drop all").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    take(page, "ops-drop")
    page.get_by_role("dialog").get_by_role("button", name="Drop all").click()
    expect(page.get_by_text("2 jobs are dropped.")).to_be_visible()
    page.get_by_role("button", name="Resume the queue bulk").click()
    expect(page.get_by_text("All is well")).to_be_visible()
    see(page, f"{demo.url}/ops/security", "ops-security", "paused a queue")
    see(page, f"{demo.url}/ops/outbox", "outbox", "sam@example.com")


def _document(page: Page, demo: RunningClasio) -> None:
    """The quarantine, then the page of one document, with what opens from it; at the end it is in the trash."""
    _quarantine(page, demo)
    page.goto(f"{demo.url}/documents")
    page.locator("[data-row] [data-open]").first.click()
    expect(page.get_by_role("heading", name="Stages")).to_be_visible()
    expect(page.locator(".view-page img").first).to_have_attribute("data-state", "shown")
    address = page.url
    take(page, "document")
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    take(page, "document-share")
    page.get_by_role("dialog").get_by_role("button", name="Share").click()
    assert page.request.get(page.get_by_label("Link", exact=True).input_value()).ok
    take(page, "document-shared")
    see(page, f"{demo.url}/shared", "shared", "Opened 1 time")
    page.get_by_role("button", name="Opened 1 time").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    take(page, "shared-opens")
    page.goto(address)
    page.get_by_role("button", name="Edit name").click()
    take(page, "document-editing")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Move to trash").click()
    expect(page.locator("main")).to_be_focused()  # the list has come in place of the document
    page.get_by_role("button", name="Undo").focus()  # so that the notice stays
    take(page, "notice")
    page.get_by_role("button", name="Close notice").click()
    see(page, f"{demo.url}/documents/{'0' * 32}", "document-missing", "This document does not exist")


def test_every_screen_of_a_new_organization(demo: RunningClasio, newcomer: Any, browser: Browser) -> None:
    with quiet_page(browser, color_scheme="light", storage_state=newcomer, reduced_motion="reduce") as page:
        see(page, demo.url, "empty-overview", "Put the first document in")
        see(page, f"{demo.url}/documents", "empty-documents", "No documents yet")
        see(page, f"{demo.url}/search", "empty-search", "Search the whole organization")
        see(page, f"{demo.url}/trash", "empty-trash", "The trash is empty")
        see(page, f"{demo.url}/shared", "empty-shared", "Nothing is shared")
        see(page, f"{demo.url}/ops/outbox", "no-permission", "This page does not exist")
        see(page, f"{demo.url}/ops", "ops-no-permission", "This page does not exist")
        assert page.get_by_role("link", name="Ops").count() == 0


def _share(page: Page, demo: RunningClasio, wanted: dict[str, str]) -> str:
    """A link to a document of the demo, to edit its details."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    documents = page.request.get(f"{demo.url}/api/v1/documents?limit=2").json()["items"]
    answer = page.request.post(
        f"{demo.url}/api/v1/documents/{documents[-1]['id']}/shares",
        data={"access": "editor"} | wanted,
        headers=headers,
    )
    assert answer.ok, answer.text()
    link: str = answer.json()["link"]
    return link


def test_every_screen_of_those_who_are_not_signed_in(demo: RunningClasio, owner: Any, browser: Browser) -> None:
    with quiet_page(browser, color_scheme="light", storage_state=owner, reduced_motion="reduce") as page:
        see(page, f"{demo.url}/nowhere", "not-found", "This page does not exist")
        see(page, f"{demo.url}/no-organization", "no-organization", "You are in no organization")
        link, locked = _share(page, demo, {}), _share(page, demo, {"password": "under the third stone"})
    with quiet_page(browser, color_scheme="light", reduced_motion="reduce") as page:
        see(page, f"{demo.url}/sign-in", "sign-in", "Your organization's documents")
        page.get_by_role("button", name="Show password").click()
        page.get_by_label("E-mail address").fill("nobody@example.com")
        page.get_by_role("textbox", name="Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("do not match")).to_be_visible()
        take(page, "sign-in-refused")
        see(page, f"{demo.url}/setup?token=used", "setup", "Set up Clasio")
        see(page, f"{demo.url}/set-password?token=used", "set-password", "Choose a password")
        see(page, f"{demo.url}/forgot-password", "forgot-password", "Forgotten password")
        see(page, f"{demo.url}/forgot-password/sent", "link-mailed", "Look into your mail")
        see(page, f"{demo.url}/reset-password?token=used", "reset-password", "Choose a new password")
        see(page, f"{demo.url}/confirm-email?token=used", "confirm-email", "Confirm your e-mail address")
        see(page, f"{demo.url}/confirm-email/done", "email-confirmed", "Your address is confirmed")
        see(page, f"{demo.url}/invite?token=used", "invite-gone", "This invite does not work")
        see(page, link, "share", "You see this one document")
        see(page, locked, "share-locked", "This document is protected")
        see(page, f"{demo.url}/s/unknown", "share-gone", "This link does not work")
