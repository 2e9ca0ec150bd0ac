"""Upload → searchable on a running instance: documents per second, and the latency of one document on an idle system.

    python -m tests.bench.throughput --url http://127.0.0.1:8000 --token clasio_… [--documents 60] [--single 30]

The PDFs are made here (2-5 pages of text each). Upload is by the API, over loopback; "searchable" is the server's own
`searchable` time for throughput, and the client seeing the document in a search for latency.
"""

import argparse
import io
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from tests.bench.figures import figures

WORDS = [
    "agreement",
    "delivery",
    "invoice",
    "payment",
    "project",
    "customer",
    "supplier",
    "quality",
    "report",
    "meeting",
    "budget",
    "machine",
    "safety",
    "order",
    "transport",
    "insurance",
    "office",
    "contract",
    "department",
    "schedule",
    "material",
    "warranty",
    "service",
    "software",
    "network",
    "energy",
]


def make_pdf(seed: int, pages: int) -> tuple[bytes, str]:
    """A text PDF and a word that only it contains."""
    chance = random.Random(seed)
    unique = f"zq{seed:x}x{chance.getrandbits(40):x}"
    buffer = io.BytesIO()
    pdf = canvas.Canvas(buffer, pagesize=A4)
    for page in range(pages):
        text = pdf.beginText(60, 780)
        for line in range(45):
            words = [chance.choice(WORDS) for _ in range(11)]
            if page == pages - 1 and line == 20:
                words[3] = unique
            text.textLine(" ".join(words))
        pdf.drawText(text)
        pdf.showPage()
    pdf.save()
    return buffer.getvalue(), unique


def upload(client: httpx.Client, name: str, content: bytes) -> dict[str, Any]:
    answer = client.post("/api/v1/documents", files={"file": (name, content)})
    if answer.is_error:
        raise SystemExit(f"{name}: {answer.status_code} {answer.text}")
    return answer.json()


def stage_time(document: dict[str, Any], stage: str) -> float | None:
    at = next(entry["at"] for entry in document["stages"] if entry["stage"] == stage)
    return datetime.fromisoformat(at).timestamp() if at else None


def measure_throughput(client: httpx.Client, count: int, uploaders: int) -> None:
    files = [make_pdf(random.getrandbits(60), 2 + number % 4) for number in range(count)]
    started = time.time()
    with ThreadPoolExecutor(uploaders) as pool:
        ids = [row["id"] for row in pool.map(lambda n: upload(client, f"bench-{n}.pdf", files[n][0]), range(count))]
    sent = time.time()
    ends: list[float] = []
    for document_id in ids:
        while True:
            document = client.get(f"/api/v1/documents/{document_id}").json()
            at = stage_time(document, "searchable")
            if at:
                ends.append(at)
                break
            time.sleep(0.05)
    total = max(ends) - started
    print(
        f"throughput: {count} text PDFs of 2-5 pages, {uploaders} uploaders: {count / total:.1f} documents/s "
        f"(uploads took {sent - started:.2f} s, all searchable after {total:.2f} s)"
    )


def measure_latency(client: httpx.Client, count: int) -> None:
    seconds: list[float] = []
    for number in range(count):
        content, unique = make_pdf(random.getrandbits(60), 3)
        started = time.perf_counter()
        document = upload(client, f"single-{number}.pdf", content)
        while True:
            hits = client.get("/api/v1/search", params={"q": unique}).json()["items"]
            if any(hit["id"] == document["id"] for hit in hits):
                break
            time.sleep(0.01)
        seconds.append(time.perf_counter() - started)
        time.sleep(0.4)  # let its analysis end: the system is idle again
    found = figures(seconds)
    print(
        f"latency: one 3-page PDF on an idle system, upload -> found by search, n={count}: {found}, "
        f"max {found.longest:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--token", default=os.environ.get("CLASIO_TOKEN", ""))
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--uploaders", type=int, default=4)
    parser.add_argument("--single", type=int, default=30)
    wanted = parser.parse_args()
    print(f"cores: {os.cpu_count()}")
    client = httpx.Client(base_url=wanted.url, headers={"Authorization": f"Bearer {wanted.token}"}, timeout=60)
    measure_latency(client, wanted.single)
    measure_throughput(client, wanted.documents, wanted.uploaders)


if __name__ == "__main__":
    main()
