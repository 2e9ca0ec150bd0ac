"""Event round trip in a real browser: click → websocket → state → answer → page, in a signed-in Documents page.

    python -m tests.bench.event_round_trip --url http://127.0.0.1:8000 --email owner@example.com --password …

Selecting a row is the event: it goes through the state in Redis and comes back as a change of the page.
"""

import argparse
import os
import statistics

from playwright.sync_api import sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

ROUND_TRIP = """
(box) => new Promise((done) => {
  const row = box.closest("[data-row]");
  const shown = () => row.dataset.selected;
  const before = shown();
  const started = performance.now();
  const observer = new MutationObserver(() => {
    if (shown() !== before) { observer.disconnect(); done(performance.now() - started); }
  });
  observer.observe(row, {attributes: true});
  box.click();
})
"""
"""Timed in the page itself: what drives the browser from outside adds some 50 ms to each click."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--email", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--runs", type=int, default=100)
    wanted = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{wanted.url}/sign-in")
        page.get_by_label("E-mail address").fill(wanted.email)
        page.get_by_role("textbox", name="Password").fill(wanted.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{wanted.url}/")
        page.goto(f"{wanted.url}/documents")
        box = page.locator("[data-row] input[type=checkbox]").first
        box.wait_for()
        milliseconds = [float(box.evaluate(ROUND_TRIP)) for _ in range(wanted.runs + 5)][5:]
        browser.close()
    milliseconds.sort()
    p95 = milliseconds[int(0.95 * (len(milliseconds) - 1))]
    print(f"cores: {os.cpu_count()}")
    print(f"event round trip, n={len(milliseconds)}: median {statistics.median(milliseconds):.0f} ms, p95 {p95:.0f} ms")


if __name__ == "__main__":
    main()
