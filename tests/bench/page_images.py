"""How long a page's picture takes over HTTP: drawn for the first time, kept, and known to the browser already (304).

python -m tests.bench.page_images --url http://127.0.0.1:8000 --token clasio_… [--file some.pdf] [--pages 100]

Without a file it makes one of text. Words and their places are timed as well.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.bench.figures import figures
from tests.made_documents import Made

LINES = 45
READ_SECONDS = 120.0
DRAWN_AHEAD_SECONDS = 3
"""For the job that draws the first pages, which begins when the document has been read."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--token", default=os.environ.get("CLASIO_TOKEN", ""))
    parser.add_argument("--file", type=Path)
    parser.add_argument("--pages", type=int, default=100)
    wanted = parser.parse_args()
    headers = {"Authorization": f"Bearer {wanted.token}"}
    with (
        httpx.Client(base_url=wanted.url, headers=headers, timeout=60) as client,
        TemporaryDirectory() as room,
    ):
        path = store_and_wait(client, wanted.file or make_pages(Path(room), wanted.pages))
        sizes = client.get(path).raise_for_status().json()
        pages = range(4, min(len(sizes), wanted.pages) + 1)  # the first three are drawn ahead
        print(f"cores: {os.cpu_count()}, pages: {len(pages)}")
        for what in ("?size=page", "?size=thumbnail", "/words"):
            _report(f"first  {what}", pages, lambda n, what=what: client.get(f"{path}/{n}{what}"))
            _report(f"kept   {what}", pages, lambda n, what=what: client.get(f"{path}/{n}{what}"))
        tags = {n: client.get(f"{path}/{n}?size=page").headers["etag"] for n in pages}
        _report("known  ?size=page", pages, lambda n: client.get(f"{path}/{n}", headers={"If-None-Match": tags[n]}))


def make_pages(folder: Path, pages: int) -> Path:
    mark = os.urandom(8).hex()
    texts = [
        "\n".join(f"{mark} {page}.{line}: what the parties agree upon in this clause" for line in range(LINES))
        for page in range(pages)
    ]
    return Made(folder).pdf(*texts, name="bench.pdf")


def store_and_wait(client: httpx.Client, file: Path) -> str:
    """The address of its pages, once it has been read: reading and drawing would share the cores."""
    answer = client.post(
        "/api/v1/documents", params={"duplicates": "keep"}, files={"file": (file.name, file.read_bytes())}
    )
    path = f"/api/v1/documents/{answer.raise_for_status().json()['id']}"
    until = time.monotonic() + READ_SECONDS
    while client.get(path).raise_for_status().json()["outcome"] == "pending":
        if time.monotonic() > until:
            raise SystemExit("The document is not read. Is a worker running?")
        time.sleep(0.5)
    time.sleep(DRAWN_AHEAD_SECONDS)
    return f"{path}/pages"


def _report(name: str, pages: Iterable[int], ask: Callable[[int], httpx.Response]) -> None:
    seconds, sizes = [], []
    for number in pages:
        started = time.perf_counter()
        answer = ask(number)
        seconds.append(time.perf_counter() - started)
        if answer.is_error:
            raise SystemExit(f"{answer.status_code} {answer.text}")
        sizes.append(len(answer.content))
    print(f"{name}: {figures(seconds)}, {statistics.mean(sizes) / 1000:.0f} KB each")


if __name__ == "__main__":
    main()
