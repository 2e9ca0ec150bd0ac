"""What a page must hold beside looking right: axe-core finds nothing serious, and fingers find every target."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
TOUCH = 40

_SMALL_TARGETS = """least => {
    // A link inside a sentence may be as tall as its line.
    const links = "a[href]:not(.link:not([data-open]))";
    const aims = `${links}, button, input:not([type=hidden]), select, textarea, [role=option]`;
    const found = [];
    for (const each of document.querySelectorAll(aims)) {
        if (!each.checkVisibility({visibilityProperty: true})) continue;
        // A row's link has the whole row, a box has its label.
        const area = each.matches("[data-open]") ? each.closest("[data-row]") : each.closest("label") ?? each;
        const {width, height} = area.getBoundingClientRect();
        if (width > 1 && Math.min(width, height) < least - 0.5) {
            found.push(`${each.outerHTML.slice(0, 160)} is ${Math.round(width)} by ${Math.round(height)}`);
        }
    }
    return found;
}"""


_EXAMINE = """async () => {
    const dialog = document.querySelector("[role=dialog]");
    return await axe.run(dialog ?? document, {resultTypes: ["violations"], preload: false});
}"""
"""Style sheets need no second loading: they all are this page's own."""


def grave_findings(page: Page) -> list[str]:
    """What axe-core calls serious or critical, with where it is. What lies behind a dialog is another picture's."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(_EXAMINE)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def small_targets(page: Page) -> list[str]:
    """What a finger is to touch, and is less than 40 px wide or high."""
    found: list[str] = page.evaluate(_SMALL_TARGETS, TOUCH)
    return found
