"""Clasio without a mouse: the palette, the keys of every page and of lists, and the list that says them all."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import quiet_page, sign_in
from tests.running import PASSWORD, RunningClasio

pytestmark = pytest.mark.browser
NAMES = ("palette alpha.txt", "palette beta.txt", "palette gamma.txt")


@pytest.fixture(scope="module")
def stored(clasio: RunningClasio) -> None:
    with clasio.client() as client:
        for name in NAMES:
            client.post("/api/v1/documents", files={"file": (name, name.encode())}).raise_for_status()


@pytest.fixture
def keyboard(clasio: RunningClasio, page: Page, stored: None) -> Page:
    sign_in(page, clasio)
    expect(page.get_by_role("heading", name="Latest activity")).to_be_visible()
    return page


def palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Go to, find, do")).to_be_focused()


def chosen(page: Page) -> Locator:
    """What Enter would take; the page below may have options of its own."""
    return page.get_by_role("listbox", name="Choices").get_by_role("option", selected=True)


def take(page: Page, typed: str, option: str) -> None:
    """Types, and takes what comes first once it is what is meant."""
    palette(page)
    page.keyboard.type(typed)
    expect(chosen(page)).to_contain_text(option)
    page.keyboard.press("Enter")


def test_the_palette_goes_finds_and_does(clasio: RunningClasio, keyboard: Page) -> None:
    page = keyboard
    upload = page.get_by_role("button", name="Upload", exact=True)
    upload.focus()
    palette(page)
    expect(chosen(page)).to_have_text("Overview")
    page.keyboard.press("ArrowUp")  # from the first to the last
    expect(chosen(page)).to_contain_text("Sign out")
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox")).to_be_hidden()
    expect(upload).to_be_focused()

    take(page, "trash", "Trash")
    page.wait_for_url(f"{clasio.url}/trash")

    take(page, "palette beta", "palette beta.txt")
    page.wait_for_url("**/documents/*")
    expect(page.get_by_role("heading", name="palette beta.txt")).to_be_visible()

    take(page, "nobody wrote this", "Search for “nobody wrote this”")
    page.wait_for_url("**/search?q=nobody**")

    take(page, "dark", "Dark theme")
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    take(page, "invite", "Invite somebody")
    expect(page.get_by_role("dialog", name="Invite somebody")).to_be_visible()
    page.keyboard.press("Control+k")  # not over a dialog
    expect(page.get_by_role("combobox", name="Go to, find, do")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()

    take(page, "sign out", "Sign out")
    page.wait_for_url("**/sign-in**")


def test_keys_walk_through_lists_and_keep_still_while_somebody_types(clasio: RunningClasio, keyboard: Page) -> None:
    page = keyboard
    page.on("filechooser", lambda _: None)  # from here on the browser hands it over, not only once a key was pressed
    page.goto(f"{clasio.url}/documents?sort=name")
    rows = page.locator("[data-row]")
    expect(rows.filter(has_text=NAMES[0])).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("ArrowUp")
    expect(rows.first.locator("[data-open]")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_text("1 selected")).to_be_hidden()
    with page.expect_file_chooser():
        page.keyboard.press("u")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Stages")).to_be_visible()
    page.go_back()
    expect(rows.first).to_be_visible()
    expect(page.locator("main")).to_be_focused()  # the page has come, and takes the focus no more
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search documents")).to_be_focused()
    page.keyboard.type("?u/jx")  # text now, nothing else
    expect(page.get_by_role("searchbox", name="Search documents")).to_have_value("?u/jx")
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.get_by_role("link", name="Members").click()
    expect(page.get_by_role("combobox", name="Role of").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(rows.first).to_be_focused()
    page.get_by_role("combobox", name="Role of").first.focus()
    page.keyboard.press("j")  # a choice has its own keys
    expect(rows.first).not_to_be_focused()


def test_the_list_of_keys_says_what_there_is(keyboard: Page) -> None:
    page = keyboard
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    listed = sheet.locator("[data-key]")
    assert set(listed.evaluate_all("all => all.map(each => each.dataset.key)")) == {
        *(f"everywhere.{key}" for key in ("palette", "search", "upload", "help")),
        *(f"list.{key}" for key in ("down", "up", "open", "select")),
        *(f"viewer.{key}" for key in ("next", "before", "first", "last", "larger", "smaller", "fit")),
        *(f"floating.{key}" for key in ("down", "up", "take", "close")),
        *(f"editing.{key}" for key in ("save", "save-long", "cancel")),
    }
    expect(sheet.locator("[data-key='everywhere.palette'] kbd")).to_have_text(["Ctrl", "K"])
    expect(sheet.locator("[data-key='viewer.larger'] kbd")).to_have_text(["+", "="])
    page.keyboard.press("u")  # the sheet lies over the page
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_the_palette_offers_a_member_only_what_they_may_do_and_fits_a_phone(
    clasio: RunningClasio, browser: Browser, stored: None
) -> None:
    with clasio.client() as client:
        invite = client.post("/api/v1/invites", json={"email": "paula@example.com"}).raise_for_status().json()
    with quiet_page(browser, viewport={"width": 390, "height": 844}, has_touch=True) as page:
        form = {"token": invite["link"].partition("token=")[2], "name": "Paula", "password": PASSWORD}
        headers = {"Sec-Fetch-Site": "same-origin"}
        assert page.request.post(f"{clasio.url}/auth/accept-invite", form=form, headers=headers).ok
        page.goto(clasio.url)
        page.get_by_role("button", name="Go to, find, do").tap()
        expect(page.get_by_role("option", name="Upload files")).to_be_visible()
        expect(page.get_by_role("option", name="Invite somebody")).to_have_count(0)
        expect(page.get_by_role("option", name="Ops", exact=True)).to_have_count(0)
        page.get_by_role("combobox").fill("palette gam")
        page.get_by_role("option", name="palette gamma.txt").tap()
        page.wait_for_url("**/documents/*")
