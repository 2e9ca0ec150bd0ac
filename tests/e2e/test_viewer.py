"""The pages of a document in a real browser: only what is near is there, and all of it can be reached."""

import re
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.e2e.accessibility import grave_findings, small_targets
from tests.e2e.conftest import quiet_page, sign_in
from tests.made_documents import Made
from tests.running import RunningClasio

pytestmark = pytest.mark.browser
PAGES = 200
MB = 1024 * 1024


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("viewer"))


@pytest.fixture(scope="module")
def long(clasio: RunningClasio, made: Made) -> str:
    """The address of a document of 200 pages; only page 150 holds a marmot."""
    lines = "\n".join(f"Clause {number}: lanterns are lit at dusk." for number in range(20))
    pages = [f"Page {n} of the statutes{' about a marmot' if n == 150 else ''}\n{lines}" for n in range(1, PAGES + 1)]
    return stored(clasio, made.pdf(*pages, name="statutes.pdf"))


def stored(clasio: RunningClasio, path: Path) -> str:
    with clasio.client() as client:
        answer = client.post("/api/v1/documents", files={"file": (path.name, path.read_bytes())}).raise_for_status()
    return f"{clasio.url}/documents/{answer.json()['id']}"


def pictures(page: Page) -> int:
    return page.locator(".view-page img, .view-thumb img").count()


def renderer_memory(browser: Browser) -> int:
    """Bytes in RAM of the browser's largest page process."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return max(psutil.Process(each["id"]).memory_info().rss for each in processes if each["type"] == "renderer")


def test_two_hundred_pages_are_scrolled_through_in_little_memory(
    clasio: RunningClasio, page: Page, browser: Browser, long: str
) -> None:
    asked: set[str] = set()

    def note(request: Request) -> None:
        if found := re.search(r"/pages/(\d+)\?size=page", request.url):
            asked.add(found[1])

    sign_in(page, clasio)
    page.on("request", note)
    page.goto(long)
    number = page.get_by_label(f"Page, of {PAGES}")
    expect(page.get_by_role("img", name="Page 1 of statutes.pdf")).to_have_attribute("data-state", "shown")
    assert page.locator(".view-page").count() == PAGES
    assert asked <= {"1", "2", "3"}
    last_stands_at = page.locator(".view-page").last.evaluate("each => each.offsetTop")
    memory = renderer_memory(browser)

    page.locator("body").press("End")  # past all that lies between
    expect(number).to_have_value(str(PAGES))
    expect(page.get_by_role("img", name=f"Page {PAGES} of")).to_have_attribute("data-state", "shown")
    assert len(asked) < 10

    page.locator("body").press("Home")
    page.locator(".view-pages").hover()
    most = 0
    while int(number.input_value()) < PAGES:
        page.mouse.wheel(0, 6_000)
        page.wait_for_timeout(150)
        most = max(most, pictures(page))
    expect(page.get_by_role("img", name=f"Page {PAGES} of")).to_have_attribute("data-state", "shown")
    assert most < 30
    assert renderer_memory(browser) - memory < 150 * MB
    assert page.locator(".view-page").last.evaluate("each => each.offsetTop") == last_stands_at  # nothing jumped


def test_pages_are_reached_by_number_keys_and_small_pictures(clasio: RunningClasio, page: Page, long: str) -> None:
    sign_in(page, clasio)
    page.goto(long)
    number = page.get_by_label(f"Page, of {PAGES}")
    number.fill("120")
    number.press("Enter")
    expect(page.get_by_role("img", name="Page 120 of")).to_have_attribute("data-state", "shown")
    expect(page.get_by_role("button", name="Go to page 120", exact=True)).to_have_attribute("aria-current", "page")
    for wrong in ("nothing", "0"):
        number.fill(wrong)
        number.press("Enter")
        expect(number).to_have_value("120")
    page.locator("#main").focus()
    for key, expected in (("n", "121"), ("p", "120"), ("End", "200"), ("Home", "1")):
        page.keyboard.press(key)
        expect(number).to_have_value(expected)
    page.get_by_role("button", name="Go to page 3", exact=True).click()
    expect(number).to_have_value("3")

    def width() -> int:
        box = page.locator(".view-page").nth(2).bounding_box()
        assert box
        return round(box["width"])

    whole = width()
    page.keyboard.press("+")
    expect(page.get_by_role("button", name="125 %")).to_be_visible()
    assert width() > whole
    expect(number).to_have_value("3")  # what was in view is in view
    page.keyboard.press("0")
    expect(page.get_by_role("button", name="100 %")).to_be_visible()
    page.get_by_role("button", name="Smaller").click()
    assert width() < whole


def test_what_was_searched_is_marked_where_it_stands(clasio: RunningClasio, page: Page, long: str) -> None:
    sign_in(page, clasio)
    expect(page.get_by_text("Latest activity")).to_be_visible()
    page.goto(f"{clasio.url}/search?q=marmot")
    page.locator("#main").get_by_role("link", name="statutes.pdf").click()
    expect(page.get_by_label(f"Page, of {PAGES}")).to_have_value("150")
    expect(page.locator(".view-mark")).to_have_count(1)
    words = page.get_by_role("group", name=f"Page 150 of {PAGES}").locator("svg text")
    expect(words.first).to_have_text("Page 150 of the statutes about a marmot")
    copied = words.first.evaluate(
        "each => { getSelection().selectAllChildren(each.parentNode); return getSelection().toString(); }"
    )
    assert "about a marmot\nClause 0: lanterns are lit at dusk." in copied
    page.get_by_role("button", name="Text", exact=True).click()
    expect(page.get_by_text("Page 1 of the statutes")).to_be_visible()
    assert page.locator(".view").count() == 0


def test_it_says_where_the_pages_end(clasio: RunningClasio, page: Page, long: str) -> None:
    """As with a document of more than 3,000 pages."""

    def only_three(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json()[:3])

    page.route("**/pages", only_three)
    sign_in(page, clasio)
    page.goto(long)
    expect(page.get_by_text(f"The first 3 of {PAGES} pages are shown here.")).to_be_visible()
    expect(page.get_by_label("Page, of 3")).to_be_visible()


def test_lists_show_the_first_page_or_the_mark_of_the_format(
    clasio: RunningClasio, page: Page, long: str, made: Made
) -> None:
    stored(clasio, made.raw("plain marmot.txt", "A marmot without any page."))
    sign_in(page, clasio)
    page.goto(f"{clasio.url}/documents")
    row = page.locator("[data-row]")
    picture = row.filter(has_text="statutes.pdf").locator(".thumb img")
    expect(picture).to_have_attribute("data-state", "shown")  # by itself, once it is read
    box = picture.bounding_box()
    assert box
    assert (box["width"], box["height"]) == (32, 40)
    expect(row.filter(has_text="plain marmot.txt").locator(".thumb svg")).to_be_visible()
    assert row.filter(has_text="plain marmot.txt").locator(".thumb img").count() == 0
    page.goto(f"{clasio.url}/search?q=marmot")
    expect(row.filter(has_text="statutes.pdf").locator(".thumb img")).to_have_attribute("data-state", "shown")
    expect(row.filter(has_text="plain marmot.txt").locator(".thumb svg")).to_be_visible()


def test_what_has_no_pages_is_shown_as_text_or_says_why(clasio: RunningClasio, page: Page, made: Made) -> None:
    word = stored(clasio, made.docx())
    locked = stored(clasio, made.encrypted_pdf(user_password="secret"))
    sign_in(page, clasio)
    page.goto(f"{clasio.url}/documents")
    row = page.locator("[data-row]").filter(has_text="encrypted.pdf")
    expect(row.get_by_text("Not readable").locator("visible=true").first).to_be_visible()
    assert row.locator(".thumb img").count() == 0
    for address, words in ((word, "Between Zoë and Łukasz."), (locked, "protected by a password")):
        page.goto(address)
        expect(page.get_by_text(words).first).to_be_visible()
        assert page.locator(".view").count() == 0


def test_what_does_not_come_says_so_and_can_be_tried_again(clasio: RunningClasio, browser: Browser, long: str) -> None:
    with quiet_page(browser, refused=("/pages",)) as page:
        sign_in(page, clasio)
        page.route("**/pages", lambda route: route.abort())
        page.goto(long)
        expect(page.get_by_role("heading", name="The pages cannot be shown")).to_be_visible()
        expect(page.get_by_text("The server does not answer.")).to_be_visible()
        page.unroute("**/pages")
        page.route("**/pages/1?size=page", lambda route: route.abort())
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_text("Page 1 cannot be shown")).to_be_visible()
        page.unroute("**/pages/1?size=page")
        page.get_by_role("group", name=f"Page 1 of {PAGES}").get_by_role("button", name="Try again").click()
        expect(page.get_by_role("img", name="Page 1 of statutes.pdf")).to_have_attribute("data-state", "shown")


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1440, "dark")])
def test_the_viewer_is_usable_by_everybody(
    clasio: RunningClasio, browser: Browser, long: str, width: int, theme: str
) -> None:
    screen = {"width": width, "height": 844}
    with quiet_page(browser, viewport=screen, color_scheme=theme, reduced_motion="reduce") as page:
        sign_in(page, clasio)
        page.goto(long)
        expect(page.get_by_role("img", name="Page 1 of statutes.pdf")).to_have_attribute("data-state", "shown")
        expect(page.locator(".view-text").first).to_be_attached()
        assert grave_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width == 390:
            assert small_targets(page) == []
            assert page.get_by_role("navigation", name="Small pages").count() == 0  # until it is asked for
